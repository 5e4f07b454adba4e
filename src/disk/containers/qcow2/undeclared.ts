import type { ByteSource } from "../../bytes/byte-source.ts";
import { has } from "../../bytes/signature.ts";

// Source: QEMU's block drivers, each one's bdrv_probe; what none of them knows is raw.

const MAGICS: readonly (readonly [name: string, offset: number, magic: string])[] = [
  ["qcow2", 0, "QFI\xfb"],
  ["vmdk", 0, "KDMV"],
  ["vmdk", 0, "COWD"],
  ["vmdk", 0, "# Disk DescriptorFile"],
  ["vhdx", 0, "vhdxfile"],
  ["vpc", 0, "conectix"],
  ["vdi", 64, "\x7f\x10\xda\xbe"],
  ["qed", 0, "QED\0"],
  ["luks", 0, "LUKS\xba\xbe\0\x01"],
  ["parallels", 0, "WithoutFreeSpace"],
  ["parallels", 0, "WithouFreSpacExt"],
  ["bochs", 0, "Bochs Virtual HD Image"],
  ["cloop", 0, "#!/bin/sh\n#V2.0 Format"],
];

/** The format that QEMU takes a backing file for when the image does not say which it is. */
export async function undeclaredFormat(source: ByteSource): Promise<string> {
  const answers = await Promise.all(MAGICS.map(([, offset, magic]) => has(source, offset, magic)));
  return MAGICS.find((_, index) => answers[index])?.[0] ?? "raw";
}
