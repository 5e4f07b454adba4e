/** exFAT. Source: Microsoft, exFAT file system specification (learn.microsoft.com/windows/win32/fileio/exfat-specification). */
import type { Format } from "../../bytes/format.ts";
import { has } from "../../bytes/signature.ts";
import type { FileSystem } from "../driver.ts";
import { NAME, parseBootRegion, regionBytes } from "./boot-sector.ts";
import { DIRECTORY_MAX_BYTES, ExfatNode } from "./node.ts";
import { ExfatVolume } from "./volume.ts";

const SECTOR_BYTES = 512;

export const exfat: Format<FileSystem> = {
  name: "exfat",
  probe: async (source) => source.size >= SECTOR_BYTES && (await has(source, 3, NAME)),

  async open(source) {
    const bytes = regionBytes(await source.read(0, SECTOR_BYTES), source.label);
    const boot = parseBootRegion(await source.read(0, bytes), source.label);
    const volume = new ExfatVolume(source, boot);
    const sizeBytes = await volume.chainBytes(boot.rootCluster, DIRECTORY_MAX_BYTES);
    const root = new ExfatNode(volume, "root", true, {
      cluster: boot.rootCluster,
      contiguous: false,
      sizeBytes,
      validBytes: sizeBytes,
    });
    const notes =
      boot.volumeBytes > source.size
        ? [`cut off: ${boot.volumeBytes} bytes of file system in a volume of ${source.size} bytes`]
        : [];
    return {
      type: "exfat",
      label: (await root.listing()).label,
      uuid: boot.uuid,
      features: [`cluster ${boot.clusterBytes}`, ...(boot.dirty ? ["dirty"] : [])],
      notes,
      caseSensitive: false,
      root: () => Promise.resolve(root),
    };
  },
};
