import * as z from "zod";
import { errorLine, ScanError } from "../../src/errors.ts";
import type { Check, ProviderContext } from "../contract.ts";
import { everyItem } from "../pages.ts";
import { type Account, accountOf, groupHint } from "./arm/account.ts";
import { Arm } from "./arm/arm.ts";
import { bareReasonOf, faultOf } from "./arm/faults.ts";
import { regionOf } from "./images/own.ts";
import { RUNGS } from "./ladder.ts";
import { ENUMERATE, EXTRACT, grants, type Permission, roleText } from "./roles.ts";

const subscriptionShape = z.object({ displayName: z.string().optional(), state: z.string().optional() });
const groupShape = z.object({ location: z.string() });
const actions = z.array(z.string()).optional();
const permissionShape = z.object({ value: z.array(z.object({ actions, notActions: actions })) });

/** Looks at credentials, subscription, resource group, permissions, quota, and at what they open. Makes nothing. */
export async function* examine(where: readonly string[], context: ProviderContext): AsyncGenerator<Check> {
  const arm = new Arm(context.signal);
  const accounts: Account[] = [];
  for (const place of where.length > 0 ? where : [context.query?.account]) {
    try {
      accounts.push(await accountOf(arm, place));
    } catch (error) {
      if (!(error instanceof ScanError) || (error.code === "usage" && place !== undefined)) throw error;
      const fault = faultOf(error.cause);
      yield fault
        ? { what: "credentials", outcome: "missing", detail: bareReasonOf(fault), fix: CREDENTIALS }
        : { what: "subscription", outcome: "missing", detail: errorLine(error) };
    }
  }
  for (const account of accounts) yield* examineOne(arm, account);
}

const CREDENTIALS =
  "az login, or AZURE_TENANT_ID, AZURE_CLIENT_ID and a secret, certificate or federated identity;\n" +
  "in GitHub Actions: permissions: id-token: write, and AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_SUBSCRIPTION_ID";

async function* examineOne(arm: Arm, account: Account): AsyncGenerator<Check> {
  const { subscription, group } = account;
  const base = `/subscriptions/${subscription}`;
  const found = await looked(async () => subscriptionShape.parse(await arm.get(base, "2022-12-01")));
  if ("failed" in found) {
    yield {
      what: `subscription ${subscription}`,
      outcome: "missing",
      detail: found.failed,
      fix: CREDENTIALS,
    };
    return;
  }
  const { displayName = "", state = "" } = found.body;
  const usable = state === "" || state === "Enabled" || state === "PastDue";
  yield {
    what: `subscription ${subscription}`,
    outcome: usable ? "ok" : "missing",
    detail: `${displayName} (${state})`,
  };
  const scope = group === undefined ? base : `${base}/resourceGroups/${group}`;
  const region = yield* examineGroup(arm, scope, group);
  const rights = await looked(async () =>
    permissionShape.parse(
      await arm.get(`${scope}/providers/Microsoft.Authorization/permissions`, "2022-04-01"),
    ),
  );
  if ("failed" in rights)
    yield { what: "permissions", outcome: "unknown", detail: `cannot be read: ${rights.failed}` };
  else yield* examineRights(rights.body.value, scope, group !== undefined);
  if (region !== undefined) yield* examineQuota(arm, subscription, region);
}

async function* examineGroup(
  arm: Arm,
  scope: string,
  group: string | undefined,
): AsyncGenerator<Check, string | undefined> {
  const what = "resource group for temporary disks";
  if (group === undefined) {
    yield {
      what,
      outcome: "unknown",
      detail: "none is named: needed with --allow-create only",
      fix: groupHint,
    };
    return undefined;
  }
  const found = await looked(async () => groupShape.parse(await arm.get(scope, "2021-04-01")));
  if ("failed" in found) {
    yield {
      what,
      outcome: "missing",
      detail: found.failed,
      fix: `az group create --name ${group} --location …`,
    };
    return undefined;
  }
  const { location } = found.body;
  yield { what, outcome: "ok", detail: `${group} (${location})` };
  return regionOf(location);
}

async function* examineRights(
  permissions: readonly Permission[],
  scope: string,
  mayCreate: boolean,
): AsyncGenerator<Check> {
  const lacking = (wanted: readonly string[]): readonly string[] =>
    wanted.filter((action) => !grants(permissions, action));
  const enumerate = lacking(ENUMERATE.actions);
  yield checkOf("list images", enumerate, roleText(ENUMERATE, scope, enumerate), "ok");
  for (const { id, title, needs, creates } of RUNGS) {
    const missing = lacking(needs);
    const fix = roleText(EXTRACT, scope, missing);
    if (creates.length > 0 && !mayCreate && missing.length === 0)
      yield {
        what: `rung ${id}`,
        outcome: "unknown",
        detail: `${title}: allowed, but no resource group is named`,
      };
    else yield checkOf(`rung ${id}`, missing, fix, title);
  }
}

function checkOf(what: string, missing: readonly string[], fix: string, fine: string): Check {
  if (missing.length === 0) return { what, outcome: "ok", detail: fine };
  return { what, outcome: "missing", detail: `not allowed: ${missing.join(", ")}`, fix };
}

async function* examineQuota(arm: Arm, subscription: string, region: string): AsyncGenerator<Check> {
  const what = `quota of disks in ${region}`;
  const compute = await arm.compute(subscription);
  const found = await looked(() => everyItem("the list of quotas", compute.usage.list(region)));
  if ("failed" in found) {
    yield { what, outcome: "unknown", detail: found.failed };
    return;
  }
  const usages = found.body.filter(({ name }) =>
    /^StandardSSDDiskCount$|^StandardSSD.*Disk/i.test(name?.value ?? ""),
  );
  const [usage] = usages;
  if (!usage) yield { what, outcome: "unknown", detail: "Azure names none for Standard SSD disks" };
  else {
    const left = usage.currentValue < usage.limit;
    const detail = `${usage.currentValue} of ${usage.limit} Standard SSD disks`;
    yield { what, outcome: left ? "ok" : "missing", detail };
  }
}

async function looked<T>(
  work: () => Promise<T>,
): Promise<{ readonly body: T } | { readonly failed: string }> {
  try {
    return { body: await work() };
  } catch (error) {
    const fault = faultOf(error);
    if (!fault) throw error;
    return { failed: bareReasonOf(fault) };
  }
}
