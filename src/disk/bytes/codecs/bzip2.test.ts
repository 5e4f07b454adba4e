import { expect, test } from "vitest";
import { target } from "../../../../test/fuzz/bzip2.ts";
import { missing, run } from "../../../../test/support/images.ts";
import { random, tryMutants } from "../../../../test/support/mutate.ts";
import { bunzip2 } from "./bzip2.ts";

const why = missing("bzip2");

async function unpacked(bytes: Uint8Array, pieceBytes: number): Promise<Buffer> {
  const pieces = Array.from({ length: Math.ceil(bytes.length / pieceBytes) }, (_, i) =>
    bytes.subarray(i * pieceBytes, (i + 1) * pieceBytes),
  );
  return Buffer.concat(await Array.fromAsync(bunzip2(ReadableStream.from(pieces), "x")));
}

test.skipIf(why).each([
  ["nothing", 0, 256],
  ["one byte", 1, 1],
  ["runs of every length", 60_000, 2],
  ["noise over several blocks", 350_000, 256],
  ["few symbols", 250_000, 3],
])("what bzip2 packs: %s", async (_, size, symbols) => {
  const next = random(size + symbols);
  let byte = 0;
  const plain = Uint8Array.from({ length: size }, () => {
    if (symbols > 2 || next() < 0.01) byte = Math.floor(next() * symbols);
    return byte;
  });
  for (const level of ["-1", "-9"]) {
    const packed = run("bzip2", [level, "-c"], { input: plain });
    expect(Buffer.compare(await unpacked(packed, 1000), plain)).toBe(0);
  }
});

test.skipIf(why)("sums are checked", async () => {
  const packed = run("bzip2", ["-c"], { input: "some text" });
  for (const at of [11, packed.length - 2]) {
    const bad = Buffer.from(packed);
    bad[at] = (bad[at] ?? 0) ^ 1;
    await expect(unpacked(bad, 1000)).rejects.toMatchObject({ code: "corrupt" });
  }
});

test.skipIf(why)("mutants are unpacked or refused", async () => {
  for (const { name, bytes, hot } of await target.seeds()) {
    const options = { count: 150, ...(hot ? { hot } : {}) };
    const count = await tryMutants(bytes, (source) => target.read(source), options);
    console.log(`bzip2, ${name}: ${count.mutants} mutants, ${count.accepted} read, ${count.refused} refused`);
  }
});
