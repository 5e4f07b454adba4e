import { bootEntry } from "../guest/boot/index.ts";
import { osRelease } from "../guest/os-release.ts";
import { inDoubt } from "../ipv6/doubt.ts";
import { predict } from "../ipv6/predict.ts";
import type { BootFacts } from "../model/boot.ts";
import type { Extract, FailedExtract, ReadExtract } from "../model/extract.ts";
import type { OsInfo } from "../model/image.ts";
import { type Observations, observe } from "../model/observations.ts";
import type { Prediction } from "../model/prediction.ts";
import type { ScanResult, Unread } from "../model/report.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { judge } from "../policy/judge.ts";
import type { Policy } from "../policy/policy.ts";
import type { Review } from "../policy/review.ts";
import { policyFor } from "../policy/templates/index.ts";
import { concluded } from "./conclude.ts";

export interface EvaluateOptions {
  /** Judge by this policy instead of the one that fits the operating system. */
  readonly policy?: Policy | undefined;
  /** The day in UTC, `2026-11-24`: what a waiver's last day is compared with. Without it no waiver holds. */
  readonly today?: string | undefined;
  /** What people decided about images that are for review. */
  readonly reviews?: readonly Review[] | undefined;
}

const NO_OS: OsInfo = {
  id: "unknown",
  version: "",
  name: "unknown operating system",
  type: "unknown",
  like: [],
};

/** Judges what was taken from an image. The same extract and options give the same result, whenever and wherever. */
export async function evaluate(extract: Extract, options: EvaluateOptions = {}): Promise<ScanResult> {
  const result = extract.state === "read" ? await judged(extract, options) : unreadable(extract);
  return extract.access === undefined ? result : { ...result, access: extract.access };
}

/** What boots, and what its IPv6 will be. */
interface Told {
  readonly os: OsInfo;
  readonly prediction: Prediction;
  readonly boot?: BootFacts;
}

async function tell(snapshot: Snapshot, observations: Observations): Promise<Told> {
  if (snapshot.registry) return (await import("./windows.ts")).tellWindows(observations, snapshot.registry);
  const boot = bootEntry.read(observations);
  return { os: osRelease.read(observations), prediction: predict(observations, boot), boot };
}

async function judged(extract: ReadExtract, options: EvaluateOptions): Promise<ScanResult> {
  const { image, snapshot, notes, cost } = extract;
  const observations = observe(snapshot);
  const { os, boot, prediction: undoubted } = await tell(snapshot, observations);
  const prediction = inDoubt(undoubted, extract.doubts);
  const policy = options.policy ?? policyFor(os);
  const { today } = options;
  const { findings, verdict, reason } = judge(policy, { os, prediction, observations, image, today });
  const unread = [...extract.unread, ...unreadFiles(snapshot)];
  const result = {
    image: { ...image, os },
    policy: policy.id,
    prediction,
    ...(boot === undefined ? {} : { boot }),
    findings,
    unread,
    notes,
    cost,
  };
  return concluded(result, { verdict, reason }, options);
}

function unreadable({ image, reason, unread, cost }: FailedExtract): ScanResult {
  return {
    image: { ...image, os: NO_OS },
    policy: "",
    verdict: "unreadable",
    reason,
    findings: [],
    // Reports say of an empty list that nothing was left unread.
    unread: unread.length > 0 ? unread : [{ what: "image", reason }],
    notes: [],
    cost,
  };
}

function unreadFiles(snapshot: Snapshot): readonly Unread[] {
  const files = [...snapshot.entries.values()].flatMap((entry) =>
    entry.kind === "unreadable" ? { what: entry.locator, reason: entry.reason } : [],
  );
  // All keys of a hive that cannot be opened fail alike.
  const keys = [...(snapshot.registry?.values() ?? [])].flatMap((seen) =>
    seen.state === "unreadable" ? { what: seen.locator, reason: seen.reason } : [],
  );
  return [...files, ...new Map(keys.map((key) => [key.what, key])).values()];
}
