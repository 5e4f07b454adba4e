import type { Cost } from "../disk/bytes/counted.ts";
import type { ImageRef } from "../model/image.ts";
import type { ScanResult } from "../model/report.ts";
import { escapeText } from "../report/escape.ts";
import type { Terminal } from "./terminal.ts";

export interface Progress {
  listed(image: ImageRef): void;
  update(image: ImageRef, phase: string, cost: Readonly<Cost>): void;
  finished(result: ScanResult): void;
  close(): void;
}

const REDRAW_MS = 100;
const CLEAR_LINE = "\r\u001b[K";

/** One live line on a TTY; elsewhere a plain line per image, once there is more than one. */
export function progressOn(terminal: Terminal, quiet: boolean): Progress {
  const none = (): void => undefined;
  if (quiet) return { listed: none, update: none, finished: none, close: none };
  return terminal.errIsTty ? live(terminal) : plain(terminal);
}

function plain(terminal: Terminal): Progress {
  const tally = new Tally();
  let held = "";
  return {
    listed: ({ provider }) => tally.listed(provider),
    update: () => undefined,
    finished({ image, verdict }) {
      tally.finished(image.provider, verdict);
      const line = `sixray: ${tally.done}/${tally.total} ${escapeText(image.id)}: ${verdict}\n`;
      // A run of one image needs no line; whether it is one shows when another ends, too.
      if (tally.total > 1) terminal.err(held + line);
      held = tally.total > 1 ? "" : line;
    },
    close: () => undefined,
  };
}

function live(terminal: Terminal): Progress {
  const tally = new Tally();
  const since = Date.now();
  let drawn = 0;
  return {
    listed: ({ provider }) => tally.listed(provider),
    update(image, phase, cost) {
      const now = Date.now();
      if (now - drawn < REDRAW_MS) return;
      drawn = now;
      const kib = Math.ceil(cost.bytes / 1024);
      const what =
        tally.total > 1
          ? `${tally.text((now - since) / 1000)} · ${escapeText(image.id)}`
          : `${phase} ${escapeText(image.id)} (${cost.reads} reads, ${kib} KiB)`;
      terminal.err(CLEAR_LINE + what.slice(0, Math.max(20, terminal.columns - 1)));
    },
    finished: ({ image, verdict }) => tally.finished(image.provider, verdict),
    close: () => terminal.err(CLEAR_LINE),
  };
}

/** How far a run is, by provider; the total grows while sources are still being listed. */
export class Tally {
  done = 0;
  total = 0;
  #flagged = 0;
  readonly #byProvider = new Map<string, { done: number; total: number }>();

  listed(provider: string): void {
    this.total++;
    this.#of(provider).total++;
  }

  finished(provider: string, verdict: string): void {
    this.done++;
    this.#of(provider).done++;
    if (verdict === "flagged") this.#flagged++;
  }

  /** `12/40 (aws 10/30, gcp 2/10), 3 flagged, 4.0/s, 7 s left`. */
  text(seconds: number): string {
    const rate = this.done / Math.max(seconds, 0.001);
    const providers = [...this.#byProvider].map(([name, { done, total }]) => `${name} ${done}/${total}`);
    return [
      `${this.done}/${this.total}${providers.length > 1 ? ` (${providers.join(", ")})` : ""}`,
      ...(this.#flagged > 0 ? [`${this.#flagged} flagged`] : []),
      ...(this.done > 0
        ? [`${rate.toFixed(1)}/s`, `${Math.ceil((this.total - this.done) / rate)} s left`]
        : []),
    ].join(", ");
  }

  #of(provider: string): { done: number; total: number } {
    const known = this.#byProvider.get(provider);
    if (known) return known;
    const fresh = { done: 0, total: 0 };
    this.#byProvider.set(provider, fresh);
    return fresh;
  }
}
