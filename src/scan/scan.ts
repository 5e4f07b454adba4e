import { type Cost, newCost } from "../disk/bytes/counted.ts";
import { isReadError } from "../errors.ts";
import { bootEntry } from "../guest/boot/index.ts";
import type { Examined } from "../guest/machine.ts";
import { osRelease } from "../guest/os-release.ts";
import { type Doubt, inDoubt } from "../ipv6/doubt.ts";
import { ipv6, predict } from "../ipv6/predict.ts";
import type { BootFacts } from "../model/boot.ts";
import type { ImageRef, OsInfo } from "../model/image.ts";
import { type Observations, observe } from "../model/observations.ts";
import type { Prediction } from "../model/prediction.ts";
import type { ScanResult, Unread } from "../model/report.ts";
import type { Asks, Snapshot } from "../model/snapshot.ts";
import { judge } from "../policy/judge.ts";
import type { Policy } from "../policy/policy.ts";
import { applyReviews, type Review } from "../policy/review.ts";
import { rules } from "../policy/rules/index.ts";
import { policyFor } from "../policy/templates/index.ts";
import { couldNotLook } from "./could-not-look.ts";
import { examineView, noOperatingSystem, type Opener, unreadVolumes, type View, withView } from "./view.ts";

export interface ScanOptions {
  /** Judge by this policy instead of the one that fits the operating system. */
  readonly policy?: Policy | undefined;
  /** The day in UTC, `2026-11-24`: what a waiver's last day is compared with. Without it no waiver holds. */
  readonly today?: string | undefined;
  /** What people decided about images that are for review. */
  readonly reviews?: readonly Review[] | undefined;
  /** Also fetch what a person's review of Windows wants to see and the verdict does not need. */
  readonly thorough?: boolean;
  readonly signal?: AbortSignal | undefined;
  /** Told when the provider asked for fewer requests meanwhile. */
  readonly onThrottled?: () => void;
  /** Told as the scan goes; `cost` is live. */
  readonly onProgress?: (image: ImageRef, phase: Phase, cost: Readonly<Cost>) => void;
}

export type Phase = "opening" | "reading" | "judging";

/** Everything that is asked of an image, in one list, so that it is fetched together. */
export const ASKS: readonly Asks[] = [
  osRelease,
  bootEntry,
  {
    wants: ipv6.wants,
    early: ipv6.early,
    follow: (observations) => ipv6.follow(observations, bootEntry.read(observations)),
  },
  ...Object.values(rules),
];

const NO_OS: OsInfo = {
  id: "unknown",
  version: "",
  name: "unknown operating system",
  type: "unknown",
  like: [],
};

/**
 * Judges one image. Whatever the image holds, the answer is a result: what cannot be read or understood makes
 * it `unreadable`. Rejects only for an abort or a bug.
 */
export async function scan(image: ImageRef, open: Opener, options: ScanOptions = {}): Promise<ScanResult> {
  const cost = newCost();
  const { signal, onProgress, onThrottled } = options;
  onProgress?.(image, "opening", cost);
  try {
    return await withView(image, open, { signal, cost, repeatable: true, onThrottled }, async (view) => {
      onProgress?.(image, "reading", cost);
      const read = await readMachine(view, options.thorough ?? false);
      onProgress?.(image, "judging", cost);
      const result = await judgeSnapshot(image, read, cost, options);
      const access = view.access?.();
      return access === undefined ? result : { ...result, access };
    });
  } catch (error) {
    if (!isReadError(error)) throw error;
    return unreadable(image, error.line, cost);
  }
}

/** What an image gave: the files that matter, and what could not be seen. */
interface Read {
  readonly snapshot: Snapshot;
  readonly notes: readonly string[];
  readonly unread: readonly Unread[];
  readonly doubts: readonly Doubt[];
}

/** What a disk without Linux may hold. Loaded only then. */
async function examineWindowsView(view: View, thorough: boolean): Promise<Examined | undefined> {
  const { examineAsWindows } = await import("./windows.ts");
  return examineAsWindows(view, thorough);
}

async function readMachine(view: View, thorough: boolean): Promise<Read> {
  const { disk } = view;
  const examined = (await examineView(view, ASKS)) ?? (await examineWindowsView(view, thorough));
  if (!examined) throw noOperatingSystem(disk);
  const details =
    disk?.container.details.filter((detail) => /dirty|corrupt|replayed|missing/.test(detail)) ?? [];
  return {
    snapshot: examined.snapshot,
    notes: [...view.notes, ...details, ...(disk?.table?.notes ?? []), ...examined.notes],
    unread: disk ? unreadVolumes(disk, view.image.id) : [],
    doubts: [
      ...(examined.doubts ?? []),
      ...examined.tree.mounts.flatMap(({ fs, locator }) =>
        "stale" in fs && fs.stale !== undefined ? [{ locator, why: fs.stale }] : [],
      ),
    ],
  };
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

async function judgeSnapshot(
  image: ImageRef,
  read: Read,
  cost: Cost,
  options: ScanOptions,
): Promise<ScanResult> {
  const { snapshot, notes } = read;
  const observations = observe(snapshot);
  const { os, boot, prediction: undoubted } = await tell(snapshot, observations);
  const prediction = inDoubt(undoubted, read.doubts);
  const policy = options.policy ?? policyFor(os);
  const { today } = options;
  const { findings, verdict, reason } = judge(policy, { os, prediction, observations, image, today });
  const unread = [...read.unread, ...unreadFiles(snapshot)];
  const missed = verdict === "review" ? couldNotLook(os, prediction, unread) : undefined;
  const judged = {
    image: { ...image, os },
    policy: policy.id,
    prediction,
    ...(boot === undefined ? {} : { boot }),
    findings,
    unread,
    notes,
    cost: { ...cost },
  };
  if (missed !== undefined) return { ...judged, verdict: "unreadable", reason: missed };
  const { reviews } = options;
  if (verdict !== "review" || !reviews || reviews.length === 0) return { ...judged, verdict, reason };
  const { evidenceDigest } = await import("./evidence-digest.ts");
  const reviewed = applyReviews(reviews, { image, evidence: evidenceDigest(judged), today, reason });
  return { ...judged, verdict, reason, ...reviewed };
}

function unreadable(image: ImageRef, reason: string, cost: Cost): ScanResult {
  return {
    image: { ...image, os: NO_OS },
    policy: "",
    verdict: "unreadable",
    reason,
    findings: [],
    unread: [{ what: "image", reason }],
    notes: [],
    cost: { ...cost },
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
