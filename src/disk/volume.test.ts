import { expect, test } from "vitest";
import { memorySource } from "./bytes/byte-source.ts";
import { openVolumes } from "./volume.ts";

const EXT_MAGIC = [1080, "\x53\xef"] as const;

test.each<[string, number, string]>([
  ["crypto_LUKS", 0, "LUKS\xba\xbe\0\x02"],
  ["BitLocker", 3, "-FVE-FS-"],
  ["bcache", 4120, "\xc6\x85\x73\xf6\x4e\x1a\x45\xca\x82\x65\xf5\x7f\x48\xba\x6d\x81"],
  ["stratis", 516, "!Stra0tis\x86\xff\x02^\x41rh"],
  ["DM_integrity", 0, "integrt\0"],
])("%s outranks the ext4 that was there before", async (type, at, magic) => {
  const bytes = new Uint8Array(1 << 20);
  for (const [offset, text] of [EXT_MAGIC, [at, magic] as const])
    bytes.set(Buffer.from(text, "latin1"), offset);
  const [volume] = await openVolumes([{ name: "p1", data: memorySource(bytes, "x") }]);
  expect(volume?.content).toMatchObject({ kind: "unread", type, error: { code: "unsupported" } });
});
