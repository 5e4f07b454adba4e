import type { Cost } from "../disk/bytes/counted.ts";
import type { ImageRef } from "../model/image.ts";
import { escapeText } from "../report/escape.ts";
import type { Terminal } from "./terminal.ts";

export interface Progress {
  update(image: ImageRef, phase: string, cost: Readonly<Cost>): void;
  finished(image: ImageRef, verdict: string): void;
  close(): void;
}

const REDRAW_MS = 100;
const CLEAR_LINE = "\r\u001b[K";

/** One live line on a TTY; elsewhere a plain line per image, once there is more than one. */
export function progressOn(terminal: Terminal, total: number, quiet: boolean): Progress {
  if (quiet) return { update: () => undefined, finished: () => undefined, close: () => undefined };
  let done = 0;
  if (!terminal.errIsTty) {
    return {
      update: () => undefined,
      finished(image, verdict) {
        done++;
        if (total > 1) terminal.err(`sixray: ${done}/${total} ${escapeText(image.id)}: ${verdict}\n`);
      },
      close: () => undefined,
    };
  }
  let drawn = 0;
  return {
    update(image, phase, cost) {
      const now = Date.now();
      if (now - drawn < REDRAW_MS) return;
      drawn = now;
      const kib = Math.ceil(cost.bytes / 1024);
      const line = `${done}/${total} ${phase} ${escapeText(image.id)} (${cost.reads} reads, ${kib} KiB)`;
      terminal.err(CLEAR_LINE + line.slice(0, Math.max(20, terminal.columns - 1)));
    },
    finished: () => void done++,
    close: () => terminal.err(CLEAR_LINE),
  };
}
