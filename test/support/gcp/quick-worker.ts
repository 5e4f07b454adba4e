import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { framesOf } from "../../../providers/gcp/worker/frames.ts";
import type { FakeWorker } from "./fake-compute.ts";

/** Answers as the worker's script does, without its waiting. */
export async function quickWorker(file: string, token: string): Promise<FakeWorker> {
  const handle = openSync(file, "r");
  const { size } = fstatSync(handle);
  let printed = "";
  const answer = (message: number, ranges: readonly (readonly [number, number])[]): void => {
    const head = `ranges ${size} ${ranges.length}\n${ranges.map((range) => `${range.join(" ")}\n`).join("")}`;
    const parts = ranges.map(([offset, length]) => {
      const bytes = Buffer.alloc(length);
      readSync(handle, bytes, 0, length, offset);
      return bytes;
    });
    printed += framesOf(token, message, gzipSync(Buffer.concat([Buffer.from(head), ...parts]))).join("");
  };
  answer(0, [[0, 131_072]]);
  return {
    printed: () => printed,
    async ask(text) {
      const [number = "", ...lines] = text.trim().split("\n");
      answer(
        Number(number),
        lines.map((line): [number, number] => {
          const [offset, length] = line.split(" ").map(Number);
          return [offset ?? 0, length ?? 0];
        }),
      );
    },
    close: () => closeSync(handle),
  };
}
