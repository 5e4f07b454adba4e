import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { ScanError } from "../../../src/errors.ts";
import { AskedDisk, type Range } from "./asked-disk.ts";
import { Assembler } from "./frames.ts";
import { type Ranges, readMessage, readUploaded } from "./message.ts";

/** What a serial port shows from `start` on. */
export interface SerialOutput {
  readonly contents: string;
  /** Where `contents` begins: later than asked for when the buffer has dropped what was before. */
  readonly start: number;
  readonly next: number;
}

/** The two ways to a worker: what it prints, and what it is asked. */
export interface WorkerLine {
  serial(start: number): Promise<SerialOutput>;
  ask(text: string): Promise<void>;
}

export interface SessionOptions {
  readonly label: string;
  readonly token: string;
  readonly signal?: AbortSignal | undefined;
  /** Between two looks at the serial port, in milliseconds. */
  readonly pollMs: number;
  /** How long the worker may take to boot and send its first message. */
  readonly bootMs: number;
  /** How long an answer may take once the worker was asked. */
  readonly answerMs: number;
  readonly onWait?: ((what: string) => void) | undefined;
}

export function newToken(): string {
  return randomBytes(16).toString("hex");
}

/**
 * Waits for the worker's first message and gives the disk, of which the rest is asked for when it is read. Rejects
 * with `access` when nothing comes in time.
 */
export async function openWorkerDisk(line: WorkerLine, options: SessionOptions): Promise<AskedDisk> {
  const session = new Session(line, options);
  const first = await readMessage(await session.receive(0, options.bootMs), options.label);
  return new AskedDisk(first, options.label, (ranges) => session.ask(ranges));
}

/** Waits until a worker that uploads is done; resolves to the size of the disk. */
export async function awaitUpload(line: WorkerLine, options: SessionOptions): Promise<number> {
  return readUploaded(await new Session(line, options).receive(0, options.bootMs), options.label);
}

class Session {
  readonly #line: WorkerLine;
  readonly #options: SessionOptions;
  readonly #frames: Assembler;
  #next = 0;
  #shown = 0;
  #asked = 0;
  #failed: ScanError | undefined;

  constructor(line: WorkerLine, options: SessionOptions) {
    this.#line = line;
    this.#options = options;
    this.#frames = new Assembler(options.token);
  }

  /** Asks, once more when no answer comes through; after that nothing is asked any more. */
  async ask(ranges: readonly Range[]): Promise<Ranges> {
    if (this.#failed) throw this.#failed;
    try {
      return (await this.#try(ranges, true)) ?? (await this.#try(ranges, false)) ?? noRanges();
    } catch (error) {
      if (error instanceof ScanError) this.#failed = error;
      throw error;
    }
  }

  async #try(ranges: readonly Range[], mayFail: boolean): Promise<Ranges | undefined> {
    this.#asked++;
    const lines = ranges.map(({ offset, length }) => `${offset} ${length}\n`);
    await this.#line.ask(`${this.#asked}\n${lines.join("")}`);
    try {
      return await readMessage(await this.receive(this.#asked, this.#options.answerMs), this.#options.label);
    } catch (error) {
      if (mayFail && error instanceof Late) return undefined;
      throw error;
    }
  }

  async receive(message: number, withinMs: number): Promise<Uint8Array> {
    const { signal, pollMs, onWait } = this.#options;
    const started = performance.now();
    for (;;) {
      signal?.throwIfAborted();
      await this.#look();
      const packed = this.#frames.message(message);
      if (packed) return packed;
      if (performance.now() - started > withinMs) throw this.#late(message, withinMs);
      onWait?.(this.#told(message));
      await sleep(pollMs, undefined, signal ? { signal } : {});
    }
  }

  async #look(): Promise<void> {
    const { contents, start, next } = await this.#line.serial(this.#next);
    this.#frames.take(contents, start !== this.#next);
    this.#shown += contents.length;
    this.#next = next;
  }

  #told(message: number): string {
    const coming = this.#frames.progress;
    if (coming?.message === message) return `the worker sends: ${coming.have} of ${coming.count} frames`;
    return message === 0 ? "the worker boots" : "the worker looks for what it was asked";
  }

  #late(message: number, withinMs: number): ScanError {
    const seconds = Math.round(withinMs / 1000);
    const { progress, damaged } = this.#frames;
    const what =
      this.#shown === 0
        ? `the worker never reported within ${seconds} s: nothing came over its serial port`
        : progress?.message === message
          ? `only ${progress.have} of ${progress.count} frames of the worker's message came through within ${seconds} s, ${damaged} were damaged`
          : `the worker did not send what was asked within ${seconds} s (${damaged} damaged frames)`;
    return new Late("access", what, { at: [this.#options.label] });
  }
}

/** No answer came in time. */
class Late extends ScanError {}

function noRanges(): never {
  throw new Error("the second try neither answered nor failed");
}
