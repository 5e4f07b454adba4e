import { expect, test } from "vitest";
import { pattern } from "../../../../test/support/sources.ts";
import { craftVdi } from "../../../../test/support/vdi.ts";
import { memorySource } from "../../bytes/byte-source.ts";
import { vdi } from "./vdi.ts";

const A = pattern(4096);

test("blocks that are there, missing and discarded", async () => {
  const source = memorySource(craftVdi(["hole", A, "discarded", A]).bytes, "x");
  expect(await vdi.probe(source)).toBe(true);
  const { disk, details } = await vdi.open(source);
  const zeros = new Uint8Array(4096);
  expect(Buffer.compare(await disk.read(0, disk.size), Buffer.concat([zeros, A, zeros, A]))).toBe(0);
  expect(details).toEqual(["dynamic", "block 4096"]);
});

test.each<[string, string, RegExp, (view: DataView) => void]>([
  ["another version", "unsupported", /version 0.1/, (view) => view.setUint32(68, 1, true)],
  ["an undo image", "unsupported", /undo/, (view) => view.setUint32(76, 3, true)],
  ["a differencing image", "unsupported", /differencing/, (view) => view.setUint32(76, 4, true)],
  ["a parent", "unsupported", /parent/, (view) => view.setUint32(440, 1, true)],
  ["other sectors", "unsupported", /sectors of 4096/, (view) => view.setUint32(360, 4096, true)],
  ["extra data", "unsupported", /extra/, (view) => view.setUint32(380, 8, true)],
  ["no block size", "corrupt", /blocks of 0/, (view) => view.setUint32(376, 0, true)],
  ["too few blocks", "corrupt", /too few/, (view) => view.setUint32(384, 1, true)],
  ["a huge disk", "corrupt", /too few|range/, (view) => view.setBigUint64(368, 2n ** 62n, true)],
  ["more blocks than the file", "corrupt", /complete/, (view) => view.setUint32(384, 0xffff_ffff, true)],
  ["a map outside", "corrupt", /complete/, (view) => view.setUint32(340, 0xffff_ff00, true)],
])("%s", async (_what, code, message, change) => {
  const { bytes, view } = craftVdi([A, A]);
  change(view);
  await expect(vdi.open(memorySource(bytes, "x"))).rejects.toMatchObject({
    code,
    message: expect.stringMatching(message),
  });
});

test("a block outside the file", async () => {
  const { bytes, view, map } = craftVdi([A, A]);
  for (const index of [2, 0xffff_fffd]) {
    view.setUint32(map, index, true);
    const { disk } = await vdi.open(memorySource(bytes, "x"));
    await expect(disk.read(0, 1)).rejects.toMatchObject({ code: "corrupt", at: ["x > vdi", "offset 512"] });
  }
});
