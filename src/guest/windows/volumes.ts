import type { DiskVolume } from "../../disk/disk.ts";

/** What Windows boots from; all but NTFS is recognised and not read. */
const FOR_WINDOWS = new Set(["ntfs", "BitLocker", "ReFS", "LDM"]);

/** Whether a volume is of a kind that Windows boots from, whatever lies in it. */
export function isForWindows({ content }: Pick<DiskVolume, "content">): boolean {
  return FOR_WINDOWS.has(content.kind === "filesystem" ? content.fs.type : content.type);
}
