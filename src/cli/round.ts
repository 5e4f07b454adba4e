import { hostname } from "node:os";
import type { ProviderEntry } from "../../providers/contract.ts";
import { imageKey } from "../ledger/content.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { newRunId } from "../ledger/run-id.ts";
import { type Watched, watch } from "../ledger/watch.ts";
import type { Policy } from "../policy/policy.ts";
import { escapeText } from "../report/escape.ts";
import type { Decisions } from "../scan/conclude.ts";
import { policyKey } from "../scan/policy-key.ts";
import type { Listed } from "../scan/scan-all.ts";
import { Bugs } from "./bugs.ts";
import { engineKey } from "./engine-key.ts";
import { EXIT, exitCodeOf } from "./exit.ts";
import { noneLeft, scannable } from "./images.ts";
import { parseJobs } from "./jobs.ts";
import { parseFailOn } from "./judging.ts";
import { choosePolicy, readConfig } from "./policy-file.ts";
import { providerContext, type SourceOptions } from "./provider-context.ts";
import { parseShard, type Shard } from "./shard.ts";
import { shownTarget } from "./shown-target.ts";
import { keepHeapSmall } from "./small-heap.ts";
import type { Terminal } from "./terminal.ts";

export interface RoundOptions extends SourceOptions {
  /** Names targets and a policy; not looked at when there are targets. */
  readonly config: string;
  readonly policy?: string | undefined;
  readonly review?: readonly string[] | undefined;
  readonly failOn: string;
  /** What the user knows `failOn` by, where that is no option of the command line. */
  readonly failOnName?: string;
  readonly strict: boolean;
  readonly rescan: boolean;
  readonly jobs?: string | undefined;
  readonly shard?: string | undefined;
  readonly quiet: boolean;
}

export interface Round {
  readonly run: string;
  readonly shard: Shard | undefined;
  readonly watched: Watched;
  readonly code: number;
  readonly policy: Policy | undefined;
  readonly decisions: Decisions;
  /** Once all is told: until then the next run tells it, too. */
  finish(exitCode: number): Promise<void>;
}

/** One round of watch: what is new is scanned, compared and recorded. The caller tells of it and finishes it. */
export async function runRound(
  ledger: Ledger,
  wanted: readonly string[],
  options: RoundOptions,
  terminal: Terminal,
  providers: readonly ProviderEntry[],
): Promise<Round> {
  keepHeapSmall();
  const judge = judgeOf(options);
  const jobs = parseJobs(options.jobs);
  const shard = options.shard === undefined ? undefined : parseShard(options.shard);
  const config = wanted.length > 0 ? undefined : await readConfig(options.config);
  const targets = wanted.length > 0 ? wanted : (config?.targets ?? []);
  const named = options.policy ?? config?.policy;
  const policy = named === undefined ? undefined : await choosePolicy(named);
  const reviews = options.review && (await (await import("./review-file.ts")).readReviews(options.review));
  const startedAt = new Date();
  const decisions: Decisions = {
    waivers: policy?.waivers,
    reviews,
    today: startedAt.toISOString().slice(0, 10),
  };
  const key = policyKey(policy);
  const offer = { images: 0 };
  const sources = scannable(targets, providers, providerContext(terminal, options), {
    onNothing: (nothing) =>
      terminal.err(`sixray: ${escapeText(nothing.line)}
`),
    part: (source) => ofShard(source, shard, offer),
  });
  const run = { id: newRunId(startedAt), startedAt, policyDigest: key.digest, engine: engineKey() };
  await ledger.startRun({
    ...run,
    policy: key.id,
    policyDocument: key.document,
    source: wanted.length > 0 ? wanted.map(shownTarget).join(" ") : options.config,
    host: hostname(),
    shard: shard === undefined ? "" : `${shard.index}/${shard.count}`,
  });
  const bugs = new Bugs();
  const watched = await watch(ledger, sources, {
    run,
    decisions,
    rescan: options.rescan,
    ...jobs,
    signal: terminal.signal,
    onBug: bugs.note,
    ...(policy ? { policy: { ...policy, waivers: [] } } : {}),
    onEntry: ({ outcome, image, verdict }) => {
      if (!options.quiet && outcome !== "known")
        terminal.err(`sixray: ${outcome} ${escapeText(image.id)}: ${verdict}\n`);
    },
  });
  // A gate that nothing came to has not been passed.
  const empty = watched.enumerated === 0 && offer.images === 0;
  const finish = async (exitCode: number): Promise<void> => {
    await ledger.finishRun(run.id, { enumerated: watched.enumerated, exitCode });
  };
  if (empty) {
    await finish(EXIT.usage);
    throw noneLeft(targets);
  }
  const code = await bugs.tell(terminal, judge(watched));
  return { run: run.id, shard, watched, code, policy, decisions, finish };
}

/** "drift" is a thing of watch alone. An image that is not accounted for outranks everything. */
function judgeOf({
  failOn: text,
  failOnName = "--fail-on",
  strict,
}: RoundOptions): (watched: Watched) => number {
  const words = text.split(",").map((word) => word.trim());
  const verdicts = words.filter((word) => word !== "drift");
  const failOn = parseFailOn(verdicts.length === 0 ? "never" : verdicts.join(","), {
    name: failOnName,
    also: ["drift"],
  });
  return ({ enumerated, totals: { scanned, known, failed }, verdicts: found, drift }) => {
    if (scanned + known + failed !== enumerated) return EXIT.incomplete;
    const code = exitCodeOf([...found.keys()], { failOn, strict });
    return code === EXIT.pass && words.includes("drift") && drift.length > 0 ? EXIT.flagged : code;
  };
}

/** The images whose key falls to this part: the same on every machine, whatever the order of the listing. */
async function* ofShard(
  source: AsyncIterable<Listed>,
  shard: Shard | undefined,
  offer: { images: number },
): AsyncGenerator<Listed> {
  for await (const listed of source) {
    offer.images++;
    const nth = Number.parseInt(imageKey(listed.image).slice(0, 8), 16);
    if (!shard || nth % shard.count === shard.index - 1) yield listed;
  }
}
