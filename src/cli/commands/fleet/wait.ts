import { setTimeout as sleep } from "node:timers/promises";
import type { PgBoss } from "pg-boss";
import { type FleetStatus, fleetStatus } from "../../../fleet/status.ts";
import type { Ledger } from "../../../ledger/ledger.ts";
import type { Terminal } from "../../terminal.ts";

const WAIT_MS = 1_000;
/** Where lines stay, one now and then. */
const TELL_MS = 15_000;
const CLEAR_LINE = "\r\u001b[K";

/** Until the run, or every run, is finished; tells how far it is. */
export async function waited(
  boss: PgBoss,
  ledger: Ledger,
  run: string | undefined,
  terminal: Terminal,
): Promise<FleetStatus> {
  const since = performance.now();
  let before: number | undefined;
  let told = since;
  for (;;) {
    const status = await fleetStatus(boss, ledger, run);
    if (status.runs.every(({ finishedAt }) => finishedAt !== undefined)) {
      if (terminal.errIsTty) terminal.err(CLEAR_LINE);
      return status;
    }
    const now = performance.now();
    const done = doneOf(status);
    before ??= done;
    if (terminal.errIsTty || now - told > TELL_MS) {
      told = now;
      const line = progressText(status, (done - before) / Math.max(1, (now - since) / 1000));
      terminal.err(terminal.errIsTty ? CLEAR_LINE + line : `sixray: ${line}\n`);
    }
    await sleep(WAIT_MS, undefined, { signal: terminal.signal });
  }
}

function doneOf({ runs }: FleetStatus): number {
  return runs.reduce((sum, { images, waiting }) => sum + images - waiting, 0);
}

/** `120/400, 12 flagged, 4.0/s, 70 s left, 2 workers`. */
function progressText(status: FleetStatus, rate: number): string {
  const { runs, workers } = status;
  const done = doneOf(status);
  const images = runs.reduce((sum, one) => sum + one.images, 0);
  const flagged = runs.reduce((sum, { verdicts }) => sum + (verdicts.flagged ?? 0), 0);
  return [
    `${done}/${images}`,
    ...(flagged > 0 ? [`${flagged} flagged`] : []),
    ...(rate > 0 ? [`${rate.toFixed(1)}/s`, `${Math.ceil((images - done) / rate)} s left`] : []),
    `${workers.length} ${workers.length === 1 ? "worker" : "workers"}`,
  ].join(", ");
}
