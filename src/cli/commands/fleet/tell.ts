import type { FleetStatus, RunStatus } from "../../../fleet/status.ts";
import { escapeText } from "../../../report/escape.ts";

/** What `sixray fleet` says to people. */

export function enqueuedText(run: string, targets: number, where: string): string {
  const named = targets === 1 ? "1 target" : `${targets} targets`;
  return `run ${run}: ${named} in the queue of ${escapeText(where)}
  sixray worker --until-empty         does the work here
  sixray fleet status ${run}   says how far it is\n`;
}

export function statusText({ where, runs, queues, workers, deadLetters }: FleetStatus): string {
  const lines = [
    `fleet in ${escapeText(where)}`,
    ...(runs.length === 0 ? ["no runs: sixray fleet enqueue TARGET starts one"] : runs.map(runLine)),
    ...queues.map(
      ({ queue, queued, active, dead }) =>
        `queue ${queue.padEnd(9)} ${queued} waiting, ${active} running, ${dead} dead`,
    ),
    ...(workers.length === 0 ? ["no workers"] : []),
    ...workers.map(
      ({ host, pid, quietSeconds, memoryMiB }) =>
        `worker ${escapeText(host)} (process ${pid}), heard of ${quietSeconds} s ago${memoryMiB === undefined ? "" : `, ${memoryMiB} MiB`}`,
    ),
    ...deadLetters.map(({ what, reason }) => `dead letter ${escapeText(what)}: ${escapeText(reason)}`),
    ...(deadLetters.length > 0 ? ["sixray fleet retry tries them again"] : []),
  ];
  return `${lines.join("\n")}\n`;
}

function runLine({
  run,
  finishedAt,
  exitCode,
  unlisted,
  images,
  waiting,
  scanned,
  known,
  failed,
  verdicts,
  source,
}: RunStatus): string {
  const end =
    finishedAt === undefined ? `${waiting} of ${images} waiting` : `finished, exit ${exitCode ?? "?"}`;
  const found = Object.entries(verdicts).map(([verdict, count]) => `${count} ${verdict}`);
  const missing = unlisted > 0 ? `; ${unlisted} ${unlisted === 1 ? "target" : "targets"} not listed` : "";
  return `run ${run} (${escapeText(source)}): ${end}${missing}; ${scanned} scanned, ${known} known, ${failed} failed${found.length > 0 ? `: ${found.join(", ")}` : ""}`;
}
