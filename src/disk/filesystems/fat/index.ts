/** FAT12, FAT16 and FAT32. Source: Microsoft, FAT: General Overview of On-Disk Format (fatgen103). */
import type { Format } from "../../bytes/format.ts";
import type { FileSystem } from "../driver.ts";
import { looksLikeFat, parseBootSector } from "./boot-sector.ts";
import { FatVolume } from "./chain.ts";
import { FatNode } from "./node.ts";

const SECTOR_BYTES = 512;
const NO_LABEL = "NO NAME";

export const fat: Format<FileSystem> = {
  name: "vfat",

  async probe(source) {
    return source.size >= SECTOR_BYTES && looksLikeFat(await source.read(0, SECTOR_BYTES));
  },

  async open(source) {
    const boot = parseBootSector(await source.read(0, SECTOR_BYTES), source.label);
    const root = new FatNode(new FatVolume(source, boot), "root", "");
    return {
      type: "vfat",
      label: boot.label === NO_LABEL ? "" : boot.label,
      uuid: boot.uuid,
      features: [`fat${boot.bits}`],
      notes: [],
      caseSensitive: false,
      root: () => Promise.resolve(root),
    };
  },
};
