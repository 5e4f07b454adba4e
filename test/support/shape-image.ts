import { fileURLToPath } from "node:url";
import { run } from "./images.ts";

/** What `buildShapeImage` needs on the PATH. */
export const SHAPE_NEEDS = ["mke2fs", "debugfs", "sfdisk", "mkfs.fat", "mcopy", "qemu-img"] as const;

export type ShapeFormat = "raw" | "qcow2" | "c.qcow2" | "zstd.qcow2" | "stream.vmdk";

/** Builds `deb-ext4.<format>` in the folder: sparse, in the shape of a real 10 GiB Debian image. */
export function buildShapeImage(folder: string, ...formats: readonly ShapeFormat[]): void {
  const script = fileURLToPath(new URL("../fixtures/shape.sh", import.meta.url));
  run("bash", [script, folder, ...formats]);
}
