import { ScanError } from "../errors.ts";
import type { Run, RunImage } from "../ledger/ledger.ts";
import type { Report, ScanResult } from "../model/report.ts";
import { policyReference } from "../policy/digest.ts";
import { builtIn } from "../policy/templates/index.ts";
import { policyKey } from "../scan/policy-key.ts";
import { engineKey, engineOfKey } from "./engine-key.ts";
import { parseShard } from "./shard.ts";

const SCANNED_AGAIN =
  "scanned again since this run, with another outcome: the verdict is this run's, findings and evidence are those of the later scan";

type Judged = RunImage & { readonly result: ScanResult };

/**
 * Every image of a run, known ones too: what a report leaves out, its readers take for mended. `settle` says what
 * became of a result that is stored without waivers and reviews. Always in the same order.
 */
export async function resultsOfRun(
  images: AsyncIterable<RunImage>,
  settle: (image: Judged) => ScanResult | Promise<ScanResult>,
): Promise<readonly ScanResult[]> {
  const results: ScanResult[] = [];
  for await (const { result, ...image } of images)
    results.push(result ? await settle({ ...image, result }) : unreached(image));
  return results.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

function keyOf({ image: { provider, family, id } }: ScanResult): string {
  return JSON.stringify([provider, family, id]);
}

function unreached({ image, reason }: Omit<RunImage, "result">): ScanResult {
  return {
    image: {
      ...image,
      os: { id: "unknown", version: "", name: "unknown operating system", type: "unknown", like: [] },
    },
    policy: "",
    verdict: "unreadable",
    reason,
    findings: [],
    unread: [{ what: "image", reason }],
    notes: [],
    cost: { reads: 0, bytes: 0, rounds: 0 },
  };
}

/** A run that was killed or still goes on says so, as an image that nobody looked at: its report is not the whole. */
function missing({ id, finishedAt, enumerated }: Run, there: number): readonly ScanResult[] {
  if (finishedAt && enumerated === there) return [];
  const image = { provider: "run", id, name: id, family: id };
  const reason = finishedAt
    ? `${enumerated} images were listed and ${there} are here`
    : "the run has not come to its end: images may be missing";
  return [unreached({ image, content: "", outcome: "failed", verdict: "unreadable", reason })];
}

export function noRun(id: string, where: string): ScanError {
  return new ScanError("usage", `no run ${id} in ${where}: "sixray runs" lists them`);
}

/** The report of a run, as the run said it; none where the ledger (`where`) has no such run. `id` may be `latest`. */
export async function reportOfRun(
  id: string,
  state: string | undefined,
): Promise<{ readonly report?: Report; readonly where: string }> {
  const { chooseLedger } = await import("./ledger.ts");
  const ledger = await chooseLedger(state);
  try {
    const run = id === "latest" ? (await ledger.runs(1))[0] : await ledger.run(id);
    const { where } = ledger;
    if (!run) return { where };
    const found = await resultsOfRun(ledger.imagesOf(run.id), ({ result, verdict, reason, isOther }) => ({
      ...result,
      verdict,
      reason,
      ...(isOther ? { notes: [SCANNED_AGAIN, ...result.notes] } : {}),
    }));
    const results = [...found, ...missing(run, found.length)];
    const policies = policiesOf(run, results);
    const report: Report = {
      schemaVersion: 1,
      engine: engineOfKey(run.engine),
      day: run.startedAt.toISOString().slice(0, 10),
      ...(run.shard === "" ? {} : { part: parseShard(run.shard) }),
      ...(policies.length > 0 ? { policies } : {}),
      results,
    };
    return { report, where };
  } finally {
    await ledger.close();
  }
}

/** Only policies that are known to be the same still: a run keeps no waivers, which a policy's digest is over, too. */
function policiesOf(
  { engine, policyDigest }: Run,
  results: readonly ScanResult[],
): Report["policies"] & object {
  if (engine !== engineKey()) return [];
  const used = new Set(results.map(({ policy }) => policy));
  const same = policyDigest === policyKey(undefined).digest;
  return builtIn
    .filter((policy) => used.has(policy.id) && (same || policyDigest === policyKey(policy).digest))
    .map(policyReference);
}
