import { errorLine, isReadError } from "../../../src/errors.ts";
import type { Check, ProviderContext } from "../../contract.ts";
import type { Rung } from "../../ladder.ts";
import { type Account, CallFailed } from "../api/account.ts";
import { Meter } from "../api/meter.ts";
import type { Reach, Subject } from "../rungs/reach.ts";
import { type Place, parsePlace } from "../target.ts";
import { type PolicyDocument, policyFor } from "./policy.ts";
import { type Probed, probe } from "./probe.ts";
import { quotaChecks } from "./quotas.ts";
import { NoRegion } from "./region.ts";

const LIST = ["ec2:DescribeImages"];
const PARAMETERS = ["ssm:GetParameter", "ssm:GetParametersByPath"];
const SWEEP = [
  "ec2:DescribeInstances",
  "ec2:DescribeImages",
  "ec2:DescribeSnapshots",
  "ec2:DescribeVolumes",
  "ec2:DescribeSecurityGroups",
];

interface Deps {
  readonly accountOf: (place: Place) => Account;
  readonly homeRegion: (profile: string | undefined) => Promise<string>;
  readonly ladder: (reach: Reach) => readonly Rung<Subject>[];
}

/** Who asks, which rungs the permissions open, and what is missing, for each region. Changes nothing. */
export async function* examine(
  where: readonly string[],
  context: ProviderContext,
  deps: Deps,
): AsyncGenerator<Check> {
  const words = where.length > 0 ? where : await homeRegions(deps, context.query?.account);
  if (words.length === 0)
    yield {
      what: "region",
      outcome: "missing",
      detail: "none is named",
      fix: "sixray doctor aws:us-east-1, AWS_REGION=…, or aws configure set region …",
    };
  for (const word of words.flatMap((one) => one.split(","))) {
    const account = deps.accountOf(parsePlace(word, context.query?.account));
    yield* examineRegion(account, context, deps, words.length > 1 ? `${word} ` : "");
  }
}

/** None where nothing says which. */
async function homeRegions(deps: Deps, profile: string | undefined): Promise<readonly string[]> {
  try {
    return [await deps.homeRegion(profile)];
  } catch (error) {
    if (error instanceof NoRegion) return [];
    throw error;
  }
}

async function* examineRegion(
  account: Account,
  context: ProviderContext,
  deps: Deps,
  prefix: string,
): AsyncGenerator<Check> {
  const { signal } = context;
  const who = await caller(account, signal);
  yield { ...who, what: `${prefix}${who.what}` };
  if (who.outcome === "missing") return;
  yield { what: `${prefix}region`, outcome: "ok", detail: account.place.region };
  const rungs = deps.ladder(reachFor(account));
  const actions = [...new Set([...LIST, ...PARAMETERS, ...rungs.flatMap(({ needs }) => needs), ...SWEEP])];
  const probed = new Map<string, Probed>();
  for (const one of await Promise.all(actions.map((action) => probe(account, action, signal))))
    probed.set(one.action, one);
  yield permissionCheck(`${prefix}list images`, LIST, probed);
  yield permissionCheck(`${prefix}list what SSM parameters name`, PARAMETERS, probed);
  for (const rung of rungs) yield rungCheck(rung, probed, prefix);
  yield permissionCheck(`${prefix}sweep by tag`, SWEEP, probed);
  yield { ...(await encryption(account, signal)), what: `${prefix}encryption by default` };
  for (const check of await quotaChecks(account, signal)) yield { ...check, what: `${prefix}${check.what}` };
  const denied = [...probed.values()].filter(({ outcome }) => outcome === "denied");
  if (denied.length > 0)
    yield {
      what: `${prefix}policy`,
      outcome: "missing",
      detail: `${denied.length} permissions; this policy adds them`,
      fix: printed(policyFor(denied.map(({ action }) => action))),
    };
}

/** For rungs that are only looked at. */
function reachFor(account: Account): Reach {
  const remover = {
    provider: "aws",
    remove: async (): Promise<void> => undefined,
    async *tagged(): AsyncGenerator<never> {},
  };
  return {
    account,
    copyTo: account,
    label: "doctor",
    meter: new Meter(),
    signal: undefined,
    book: undefined,
    remover,
    tell: () => undefined,
  };
}

async function caller(account: Account, signal: AbortSignal | undefined): Promise<Check> {
  const what = "caller";
  try {
    const { client, sdk } = await account.sts();
    const { Account: id = "?", Arn = "?" } = await account.call(
      "GetCallerIdentity",
      "look",
      (abortSignal) => client.send(new sdk.GetCallerIdentityCommand({}), abortSignal ? { abortSignal } : {}),
      { signal },
    );
    return { what, outcome: "ok", detail: `account ${id}, ${Arn}` };
  } catch (error) {
    if (!(error instanceof CallFailed) && !isReadError(error)) throw error;
    return {
      what,
      outcome: "missing",
      detail: errorLine(error),
      fix: "aws configure, aws sso login, AWS_PROFILE=…, or a role of the machine or of the CI job",
    };
  }
}

function rungCheck(rung: Rung<Subject>, probed: ReadonlyMap<string, Probed>, prefix: string): Check {
  const check = permissionCheck(`${prefix}${rung.id}`, rung.needs, probed);
  const flags = [
    ...(rung.creates.length > 0 ? ["--allow-create"] : []),
    ...(rung.bootsImage ? ["--allow-boot"] : []),
  ];
  const flagged = flags.length > 0 ? ` (with ${flags.join(" ")})` : "";
  return { ...check, detail: `${rung.title}${flagged}: ${check.detail}` };
}

function permissionCheck(what: string, needs: readonly string[], probed: ReadonlyMap<string, Probed>): Check {
  const of = (outcome: Probed["outcome"]): readonly Probed[] =>
    needs.flatMap((action) => {
      const one = probed.get(action);
      return one?.outcome === outcome ? [one] : [];
    });
  const denied = of("denied");
  if (denied.length > 0)
    return {
      what,
      outcome: "missing",
      detail: denied.map(({ action, detail }) => `${action} is ${detail}`).join(", "),
    };
  const unknown = of("unknown");
  if (unknown.length > 0)
    return {
      what,
      outcome: "unknown",
      detail: `not to be told without doing it: ${unknown.map(({ action }) => action).join(", ")}`,
    };
  return { what, outcome: "ok", detail: "allowed" };
}

async function encryption(account: Account, signal: AbortSignal | undefined): Promise<Check> {
  const what = "encryption by default";
  try {
    const { client, sdk } = await account.ec2();
    const { EbsEncryptionByDefault } = await account.call(
      "GetEbsEncryptionByDefault",
      "look",
      () => client.send(new sdk.GetEbsEncryptionByDefaultCommand({})),
      { signal },
    );
    return {
      what,
      outcome: "ok",
      detail: EbsEncryptionByDefault
        ? "on: copies are encrypted with the account's key, and reading them takes kms:Decrypt on it"
        : "off",
    };
  } catch (error) {
    if (!(error instanceof CallFailed)) throw error;
    return { what, outcome: "unknown", detail: error.answer.text };
  }
}

function printed(policy: PolicyDocument): string {
  return JSON.stringify(policy, undefined, 2);
}
