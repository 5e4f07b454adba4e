import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { corrupt, errorLine, ScanError } from "../../../src/errors.ts";

/** Twice what the worker puts in: 16 MiB of disk and the list of ranges. */
const UNPACKED_MAX_BYTES = 32 << 20;

/** Bytes of the disk that the worker sent. */
export interface Piece {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

export interface Ranges {
  /** Size of the whole disk, in bytes. */
  readonly diskBytes: number;
  readonly pieces: readonly Piece[];
}

/** What a worker that uploads says when it is done: the size of the disk. Rejects with `access` when it could not. */
export async function readUploaded(packed: Uint8Array, label: string): Promise<number> {
  const bytes = await unpacked(packed, label);
  const { text } = linesOf(bytes).next().value ?? { text: "" };
  throwFailed(text, label);
  const size = Number(/^uploaded (\d{1,16})$/.exec(text)?.[1]);
  if (!Number.isSafeInteger(size)) throw noMessage(label);
  return size;
}

/** Reads one message. Rejects with `access` for what the worker could not do, with `corrupt` for what is no message. */
export async function readMessage(packed: Uint8Array, label: string): Promise<Ranges> {
  const bytes = await unpacked(packed, label);
  const lines = linesOf(bytes);
  const head = lines.next().value ?? { text: "", end: 0 };
  throwFailed(head.text, label);
  const [, size, count] = /^ranges (\d{1,16}) (\d{1,7})$/.exec(head.text) ?? [];
  const diskBytes = Number(size);
  if (size === undefined || !Number.isSafeInteger(diskBytes)) throw noMessage(label);
  const ranges: (readonly [number, number])[] = [];
  let at = head.end;
  for (let left = Number(count); left > 0; left--) {
    const line = lines.next().value ?? { text: "", end: at };
    const [, offset, length] = /^(\d{1,16}) (\d{1,10})$/.exec(line.text) ?? [];
    if (offset === undefined || Number(offset) + Number(length) > diskBytes) throw noMessage(label);
    ranges.push([Number(offset), Number(length)]);
    at = line.end;
  }
  const pieces = ranges.map(([offset, length]): Piece => {
    if (at + length > bytes.length)
      throw new ScanError("access", "the worker could not read all of what was asked for: a bad disk?", {
        at: [label, `offset ${offset}`],
      });
    const piece = { offset, bytes: bytes.slice(at, at + length) };
    at += length;
    return piece;
  });
  return { diskBytes, pieces };
}

async function unpacked(packed: Uint8Array, label: string): Promise<Uint8Array> {
  try {
    return await promisify(gunzip)(packed, { maxOutputLength: UNPACKED_MAX_BYTES });
  } catch (error) {
    throw corrupt(label, `the worker's message cannot be unpacked: ${errorLine(error)}`);
  }
}

function throwFailed(line: string, label: string): void {
  const failed = /^error (.*)$/.exec(line);
  if (failed)
    throw new ScanError("access", `the worker could not read the disk: ${failed[1]}`, { at: [label] });
}

function noMessage(label: string): ScanError {
  return corrupt(label, "the worker's message makes no sense");
}

function* linesOf(bytes: Uint8Array): Generator<{ readonly text: string; readonly end: number }, undefined> {
  for (let at = 0; at < bytes.length; ) {
    const stop = bytes.indexOf(10, at);
    if (stop === -1 || stop - at > 4096) return;
    yield { text: Buffer.from(bytes.subarray(at, stop)).toString("latin1"), end: stop + 1 };
    at = stop + 1;
  }
}
