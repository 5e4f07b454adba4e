import type { FuzzTarget } from "./target.ts";

/** Every format under fuzz, by name; a target's code loads when it runs. */
export const TARGETS: Readonly<Record<string, () => Promise<FuzzTarget>>> = {
  btrfs: async () => (await import("./btrfs.ts")).target,
  bzip2: async () => (await import("./bzip2.ts")).target,
  erofs: async () => (await import("./erofs.ts")).target,
  exfat: async () => (await import("./exfat.ts")).target,
  ext: async () => (await import("./ext.ts")).target,
  fat: async () => (await import("./fat.ts")).target,
  lvm2: async () => (await import("./lvm2.ts")).target,
  md: async () => (await import("./md.ts")).target,
  ntfs: async () => (await import("./ntfs.ts")).target,
  partitions: async () => (await import("./partitions.ts")).target,
  qcow2: async () => (await import("./qcow2.ts")).target,
  registry: async () => (await import("./registry.ts")).target,
  squashfs: async () => (await import("./squashfs.ts")).target,
  tar: async () => (await import("./tar.ts")).target,
  vdi: async () => (await import("./vdi.ts")).target,
  vhd: async () => (await import("./vhd.ts")).target,
  vhdx: async () => (await import("./vhdx.ts")).target,
  vmdk: async () => (await import("./vmdk.ts")).target,
  xfs: async () => (await import("./xfs.ts")).target,
  "xfs-log": async () => (await import("./xfs-log.ts")).target,
};
