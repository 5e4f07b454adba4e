import { bunzip2 } from "../../src/disk/bytes/codecs/bzip2.ts";
import { run } from "../support/images.ts";
import { random } from "../support/mutate.ts";
import type { FuzzTarget } from "./target.ts";

const OUTPUT_MAX_BYTES = 64 << 20;

export const target: FuzzTarget = {
  name: "bzip2",
  needs: ["bzip2"],
  seeds: () => {
    const next = random(4);
    const noise = Uint8Array.from({ length: 3000 }, () => next() * 256);
    const text = Buffer.from(Array.from({ length: 400 }, (_, i) => `line ${i % 37}\n`).join(""));
    const runs = Buffer.concat([Buffer.alloc(5000, "a"), Buffer.alloc(300, "b"), text.subarray(0, 100)]);
    const pack = (input: Uint8Array): Uint8Array => Uint8Array.from(run("bzip2", ["-c"], { input }));
    return Promise.resolve([
      { name: "noise", bytes: pack(noise), hot: [[0, 60]] },
      { name: "text", bytes: pack(text), hot: [[0, 120]] },
      { name: "runs", bytes: pack(runs), hot: [[0, 60]] },
      { name: "two streams", bytes: Uint8Array.from(Buffer.concat([pack(text), pack(runs)])) },
    ]);
  },
  async read(source) {
    const bytes = await source.read(0, source.size);
    let output = 0;
    for await (const piece of bunzip2(ReadableStream.from([bytes]), source.label)) output += piece.length;
    if (output > OUTPUT_MAX_BYTES) throw new Error(`unpacks to ${output} bytes`);
  },
};
