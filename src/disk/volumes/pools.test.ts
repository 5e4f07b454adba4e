import { expect, test } from "vitest";
import { memorySource } from "../bytes/byte-source.ts";
import { openVolumes } from "../volume.ts";

test.each([
  ["42", /dynamic disk of Windows/],
  ["5808c8aa-7e8f-42e0-85d2-e7e90be74d7a", /database of a dynamic disk/],
  ["af9b60a0-1431-4f62-bc68-3311714a69ad", /dynamic disk of Windows/],
  ["e75caf8f-f680-4cee-afa3-b001e56efc2d", /Storage Spaces/],
  ["ebd0a0a2-b9e5-4433-87c0-68b6b72699c7", undefined],
])("a partition of type %s", async (type, reason) => {
  const data = memorySource(new Uint8Array(1 << 20), "disk > gpt#1");
  const partition = { number: 1, label: "", type, uuid: "", startBytes: 0, data };
  const [volume] = await openVolumes([{ name: "p1", partition, data }]);
  const { content } = volume ?? {};
  if (reason) expect(content?.kind === "unread" && content.error.message).toMatch(reason);
  else expect(content).toMatchObject({ kind: "nothing", type: "empty" });
});
