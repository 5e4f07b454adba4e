import { expect, test } from "vitest";
import { CRAFTED, craftPhysicalVolume, groupText, striped } from "../../test/support/lvm.ts";
import { craftMember } from "../../test/support/md.ts";
import { writeBootRecord } from "../../test/support/partitions.ts";
import { memorySource } from "./bytes/byte-source.ts";
import { fileSystemNamed, openDisk } from "./disk.ts";

const KIB = 1 << 10;
const UUID = "A".repeat(32);

/** A physical volume whose only logical volume, of 1 MiB, holds these bytes. */
function volumeOf(content: Uint8Array): Uint8Array<ArrayBuffer> {
  const text = groupText([UUID], { lv: { segments: [striped(0, 256, '"pv0", 0')] } }, { extents: 256 });
  const bytes = craftPhysicalVolume(UUID, text, { size: 2048 * KIB });
  bytes.set(content, CRAFTED.extentsOffset);
  return bytes;
}

function disk(): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(512 * KIB);
  writeBootRecord(bytes, 0, [{ type: 0x83, first: 8, sectors: 64 }]);
  return bytes;
}

test.each([
  ["of a virtual machine", disk(), /partition table in a logical volume/],
  [
    "in an array",
    craftMember(disk().subarray(0, 256 * KIB), { version: "1.2" }).subarray(0, 1024 * KIB),
    /RAID/,
  ],
])("a partition table in a logical volume is told: %s", async (_what, content, why) => {
  const opened = await openDisk(memorySource(volumeOf(content), "x"));
  expect(opened.volumes.map(({ name }) => name)).toEqual(["whole", "whole/lvm:vg/lv"]);
  expect(() => fileSystemNamed(opened, "whole/lvm:vg/lv")).toThrow(why);
});
