import type { Report, ScanResult, Verdict } from "../../model/report.ts";
import { factsOf } from "./facts.ts";

/** One fact that is not the same. A fact that only one side has lacks the other. */
export interface Change {
  readonly what: string;
  readonly before?: string;
  readonly after?: string;
}

export interface ImageDiff {
  readonly provider: string;
  readonly family: string;
  /** Ids; an image that only one side has lacks the other. */
  readonly before?: string;
  readonly after?: string;
  readonly verdict: { readonly before?: Verdict; readonly after?: Verdict };
  readonly changes: readonly Change[];
}

export interface ReportDiff {
  readonly schemaVersion: 1;
  /** How many were compared, pair by pair. */
  readonly compared: number;
  /** Those that differ. */
  readonly images: readonly ImageDiff[];
}

/**
 * What changed between two runs. Images are the same by provider and id; of what is left, one version of a family on
 * each side are a pair; and a run of one image is compared with a run of one image, whatever they are called.
 */
export function compareReports(before: Report, after: Report): ReportDiff {
  const pairs = pairsOf(before.results, after.results);
  const images = pairs.flatMap(([a, b]) => {
    const diff = compareImages(a, b);
    return diff.changes.length > 0 || !a || !b ? [diff] : [];
  });
  return { schemaVersion: 1, compared: pairs.filter(([a, b]) => a && b).length, images };
}

type Pair = readonly [ScanResult | undefined, ScanResult | undefined];

function pairsOf(before: readonly ScanResult[], after: readonly ScanResult[]): readonly Pair[] {
  const [a, b] = [before[0], after[0]];
  if (before.length === 1 && after.length === 1) return [[a, b]];
  const byId = matched(before, after, ({ image }) => JSON.stringify([image.provider, image.id]));
  const byFamily = matched(byId.before, byId.after, ({ image }) =>
    JSON.stringify([image.provider, image.family, image.region ?? "", image.arch ?? ""]),
  );
  return [
    ...byId.pairs,
    ...byFamily.pairs,
    ...byFamily.before.map((one): Pair => [one, undefined]),
    ...byFamily.after.map((one): Pair => [undefined, one]),
  ];
}

/** Pairs those whose key stands once on each side. */
function matched(
  before: readonly ScanResult[],
  after: readonly ScanResult[],
  key: (result: ScanResult) => string,
): {
  readonly pairs: readonly Pair[];
  readonly before: readonly ScanResult[];
  readonly after: readonly ScanResult[];
} {
  const left = Map.groupBy(before, key);
  const right = Map.groupBy(after, key);
  const isPair = (result: ScanResult): boolean =>
    left.get(key(result))?.length === 1 && right.get(key(result))?.length === 1;
  return {
    pairs: before.filter(isPair).map((one): Pair => [one, right.get(key(one))?.[0]]),
    before: before.filter((one) => !isPair(one)),
    after: after.filter((one) => !isPair(one)),
  };
}

function compareImages(before: ScanResult | undefined, after: ScanResult | undefined): ImageDiff {
  const image = (after ?? before)?.image;
  return {
    provider: image?.provider ?? "",
    family: image?.family ?? "",
    ...(before ? { before: before.image.id } : {}),
    ...(after ? { after: after.image.id } : {}),
    verdict: { ...(before ? { before: before.verdict } : {}), ...(after ? { after: after.verdict } : {}) },
    changes: before && after ? changesOf(before, after) : [],
  };
}

function changesOf(before: ScanResult, after: ScanResult): readonly Change[] {
  const [a, b] = [factsOf(before), factsOf(after)];
  const names = new Set([...a.single.keys(), ...b.single.keys()]);
  const single = [...names].flatMap((what) => {
    const [from, to] = [a.single.get(what), b.single.get(what)];
    return from === to ? [] : [changeOf(what, from, to)];
  });
  const lists = [...a.lists].flatMap(([what, from]) => {
    const to = b.lists.get(what) ?? new Set<string>();
    return [
      ...[...from].filter((one) => !to.has(one)).map((one) => changeOf(what, one, undefined)),
      ...[...to].filter((one) => !from.has(one)).map((one) => changeOf(what, undefined, one)),
    ];
  });
  return [...single, ...lists];
}

function changeOf(what: string, before: string | undefined, after: string | undefined): Change {
  return { what, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) };
}
