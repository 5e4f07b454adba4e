import type { Drift, Watched } from "../../../ledger/watch.ts";
import { escapeText } from "../../../report/escape.ts";

const OPEN_SHOWN = 50;

/** What a run found, as data: for `--json` and the webhook. Keys may be added, none changes its meaning. */
export function summaryOf(run: string, engine: string, watched: Watched, exitCode: number): object {
  const { enumerated, totals, fresh, verdicts, drift, open, openTotal } = watched;
  const { scanned, known, failed } = totals;
  return {
    schemaVersion: 1,
    run,
    engine,
    exitCode,
    enumerated,
    scanned,
    known,
    failed,
    newImages: fresh,
    verdicts: Object.fromEntries([...verdicts].toSorted(byName)),
    drift: drift.map((one) => ({
      provider: one.image.provider,
      family: one.image.family,
      id: one.image.id,
      date: one.image.date,
      before: one.before.id,
      changes: one.changes,
      because: one.because,
      otherPolicyOrEngine: one.otherKey,
      message: driftLine(one),
    })),
    openTotal,
    open: open.map(({ image, verdict, reason, outcome }) => ({
      provider: image.provider,
      family: image.family,
      id: image.id,
      verdict,
      outcome,
      reason,
    })),
  };
}

/** `al2023 2026-11-20: IPv6 off -> on, because "…" (/etc/sysctl.d/60-ipv6.conf line 1) is gone`. */
export function driftLine({ image, before, changes, because, otherKey }: Drift): string {
  const what = changes.map((one) => `${one.what} ${one.from} -> ${one.to}`).join(", ");
  const why = because === "" ? "" : `, because ${because}`;
  const hint = otherKey ? " (the version before was judged by another policy or engine)" : "";
  const name = image.id === before.id ? "" : ` (${image.name}, before: ${before.name})`;
  return `${image.family} ${image.date ?? image.name}: ${what}${why}${hint}${name}`;
}

export function tellWatched(run: string, watched: Watched, where: string): string {
  const { enumerated, totals, drift, open, openTotal, verdicts } = watched;
  const { scanned, known, failed } = totals;
  const lines = drift.map((one) => `drift: ${driftLine(one)}`);
  for (const { image, verdict, reason } of open.slice(0, OPEN_SHOWN))
    lines.push(`${verdict}: ${image.id}: ${reason}`);
  if (openTotal > OPEN_SHOWN)
    lines.push(`... and ${openTotal - OPEN_SHOWN} more (sixray runs ${run} lists all images)`);
  const counts = [...verdicts].toSorted(byName).map(([verdict, count]) => `${count} ${verdict}`);
  lines.push(
    `run ${run}: ${enumerated} images: ${scanned} scanned, ${known} known, ${failed} failed` +
      `${counts.length > 0 ? `; ${counts.join(", ")}` : ""}; ${drift.length} drifted (ledger: ${where})`,
  );
  if (scanned + known + failed !== enumerated)
    lines.push(`${enumerated - scanned - known - failed} images are not accounted for: please report this`);
  return `${lines.map(escapeText).join("\n")}\n`;
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}
