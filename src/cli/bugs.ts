import type { ImageRef } from "../model/image.ts";
import { EXIT } from "./exit.ts";
import type { Terminal } from "./terminal.ts";

/** Traces of more would say the same. */
const TOLD_MAX = 3;

/** What to do about an error that is no image's and no user's. */
export function bugReport(error: unknown, whose: string = ""): string {
  const trace = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `sixray: this is a bug${whose}, please report it with the lines below\n${trace}\n`;
}

/** Bugs that images brought to light while the run went on: told when it is over. */
export class Bugs {
  readonly #found: { readonly error: unknown; readonly image: ImageRef }[] = [];

  /** An `onBug` of `scanAll`. */
  readonly note = (error: unknown, image: ImageRef): void => void this.#found.push({ error, image });

  /** The exit code of a run that would end with `code`. */
  async tell(terminal: Terminal, code: number): Promise<number> {
    if (this.#found.length === 0) return code;
    const { escapeText } = await import("../report/escape.ts");
    for (const { error, image } of this.#found.slice(0, TOLD_MAX)) {
      const lines = bugReport(error, `, and ${image.id} was not judged`).trimEnd().split("\n");
      terminal.err(lines.map((line) => `${escapeText(line)}\n`).join(""));
    }
    const more = this.#found.length - TOLD_MAX;
    if (more > 0) terminal.err(`sixray: and ${more} more images\n`);
    return EXIT.bug;
  }
}
