import { createHash } from "node:crypto";

/** Most bytes that one message may have: 16 MiB of disk, packed, is less. */
const MESSAGE_MAX_BYTES = 24 << 20;
/** A frame is one line; what is longer is none. */
const LINE_MAX_CHARS = 16 << 10;

const FRAME =
  /@sixray1 (?<head>(?<token>[0-9a-f]{32}) (?<message>\d{1,6}) (?<index>\d{1,6}) (?<count>\d{1,6}) (?<length>\d{1,5}) (?<sum>[0-9a-f]{64})) (?<digest>[0-9a-f]{64}) (?<text>[A-Za-z0-9+/]+={0,2})@/g;

/** The frames of one message that came through so far. */
interface Partial {
  readonly sum: string;
  readonly count: number;
  readonly frames: Map<number, Uint8Array>;
}

/**
 * Puts the messages of a worker together from what a serial port shows, in whatever pieces it comes: frames may be
 * cut, lost, repeated, out of order and among other output. Each frame and each message has its own SHA-256.
 */
export class Assembler {
  readonly #token: string;
  #tail = "";
  #partial: { readonly message: number; readonly held: Partial } | undefined;
  readonly #done = new Map<number, Uint8Array>();
  /** Lines that began like a frame of ours and were not whole. */
  damaged = 0;

  constructor(token: string) {
    this.#token = token;
  }

  /** How much of the message that is coming in is here. */
  get progress(): { readonly message: number; readonly have: number; readonly count: number } | undefined {
    if (!this.#partial) return undefined;
    const { message, held } = this.#partial;
    return { message, have: held.frames.size, count: held.count };
  }

  /** What a port showed next; `gap` when something before it was lost. */
  take(text: string, gap = false): void {
    if (gap) this.#tail = "";
    const seen = this.#tail + text;
    let end = 0;
    for (const match of seen.matchAll(FRAME)) {
      end = match.index + match[0].length;
      if (match.groups) this.#frame(match.groups);
    }
    const last = seen.lastIndexOf("@sixray1 ");
    for (const _ of seen.slice(end, Math.max(end, last)).matchAll(/@sixray1 /g)) this.damaged++;
    // The start of a frame whose end is still to come, or of its first word.
    this.#tail = seen.slice(Math.max(end, last >= end ? last : seen.length - 9)).slice(-LINE_MAX_CHARS);
  }

  /** The message of this number, whole and checked, once it is here. */
  message(number: number): Uint8Array | undefined {
    return this.#done.get(number);
  }

  #frame(groups: Record<string, string>): void {
    const { head = "", token, digest, text = "", sum = "" } = groups;
    const [message, index, count, length] = [groups.message, groups.index, groups.count, groups.length].map(
      Number,
    );
    if (token !== this.#token || message === undefined || index === undefined || count === undefined) return;
    const bytes = new Uint8Array(Buffer.from(text, "base64"));
    if (bytes.length !== length || digest !== sha256(`${head} ${text}`)) {
      this.damaged++;
      return;
    }
    if (this.#done.has(message) || index >= count) return;
    if (this.#partial?.message !== message || this.#partial.held.sum !== sum) {
      // An older message that is still being repeated must not push out the one that is coming.
      if (this.#partial && this.#partial.message > message) return;
      this.#partial = { message, held: { sum, count, frames: new Map() } };
    }
    const { held } = this.#partial;
    if (held.count !== count) return;
    held.frames.set(index, bytes);
    if (held.frames.size === count) this.#finish(message, held);
  }

  #finish(message: number, { frames, count, sum }: Partial): void {
    this.#partial = undefined;
    const parts = Array.from({ length: count }, (_, index) => frames.get(index) ?? new Uint8Array());
    if (parts.reduce((total, part) => total + part.length, 0) > MESSAGE_MAX_BYTES) return;
    const whole = new Uint8Array(Buffer.concat(parts));
    if (sha256(whole) === sum) this.#done.set(message, whole);
    else this.damaged++;
  }
}

function sha256(bytes: string | Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** The same as the worker prints it: for tests and fakes. */
export function framesOf(token: string, message: number, bytes: Uint8Array, frameBytes = 6144): string[] {
  const count = Math.max(1, Math.ceil(bytes.length / frameBytes));
  const sum = sha256(bytes);
  return Array.from({ length: count }, (_, index) => {
    const part = bytes.subarray(index * frameBytes, (index + 1) * frameBytes);
    const text = Buffer.from(part).toString("base64");
    const head = `${token} ${message} ${index} ${count} ${part.length} ${sum}`;
    return `@sixray1 ${head} ${sha256(`${head} ${text}`)} ${text}@\n`;
  });
}
