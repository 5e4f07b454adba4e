import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { run } from "./images.ts";

/** What these tests need of the machine. Device-mapper is not among it: LVM2 only writes metadata here. */
export const LVM_NEEDS = [
  "root",
  "losetup",
  "pvcreate",
  "vgcreate",
  "lvcreate",
  "vgcfgrestore",
  "lvs",
] as const;

/** LVM2's own tools on pieces of one disk image, without device-mapper: no volume is ever active. */
export class LvmLab {
  readonly #disk: string;
  readonly #folder: string;
  readonly loops: readonly string[];

  /** A physical volume may be made in each of `pieces` (bytes) of the file `disk`. */
  constructor(disk: string, folder: string, pieces: readonly (readonly [offset: number, size: number])[]) {
    this.#disk = disk;
    this.#folder = join(folder, "lvm");
    mkdirSync(join(this.#folder, "lock"), { recursive: true });
    this.loops = pieces.map(([offset, size]) => {
      const where = ["--offset", `${offset}`, "--sizelimit", `${size}`];
      return run("losetup", ["--find", "--show", ...where, disk])
        .toString()
        .trim();
    });
  }

  lvm(program: string, ...args: readonly string[]): string {
    const filter = [...this.loops.map((loop) => `"a|^${loop}$|"`), '"r|.*|"'].join(",");
    const config = `devices{scan=["/dev"] filter=[${filter}] use_devicesfile=0}
      global{locking_dir="${this.#folder}/lock" event_activation=0}
      activation{udev_sync=0 udev_rules=0 monitoring=0} backup{backup=0 archive=0}`;
    const env = { ...process.env, LVM_SYSTEM_DIR: this.#folder, LVM_SUPPRESS_FD_WARNINGS: "1" };
    return run(program, ["--config", config, "--driverloaded", "n", ...args], { env }).toString();
  }

  /** A logical volume that is not active. Options come before the group, physical volumes after it. */
  create(group: string, name: string, extents: number, ...args: readonly string[]): void {
    const pvs = args.filter((arg) => this.loops.includes(arg));
    const options = args.filter((arg) => !pvs.includes(arg));
    this.lvm("lvcreate", "-an", "-Zn", "-Wn", "-n", name, "-l", `${extents}`, ...options, group, ...pvs);
  }

  /** Changes a group's metadata as text and lets LVM2 check and write it. */
  edit(group: string, change: (text: string) => string): void {
    const path = join(this.#folder, "edit");
    this.lvm("vgcfgbackup", "-f", path, group);
    writeFileSync(path, change(readFileSync(path, "utf8")));
    this.lvm("vgcfgrestore", "--force", "-f", path, group);
  }

  /** Where LVM2 says that the extents of a volume lie: the truth that our reader is compared with. */
  segments(group: string, name: string): readonly LabSegment[] {
    const fields = "seg_start,seg_size,stripe_size,seg_pe_ranges";
    const options = [
      "--segments",
      "--noheadings",
      "--units",
      "b",
      "--nosuffix",
      "--separator",
      "|",
      "-o",
      fields,
    ];
    const starts = new Map(
      this.lvm("pvs", "--noheadings", "--units", "b", "--nosuffix", "-o", "pv_name,pe_start")
        .trim()
        .split("\n")
        .map((line) => line.trim().split(/\s+/))
        .map(([pv = "", start = ""]) => [pv, Number(start)] as const),
    );
    const extent = Number(
      this.lvm("vgs", "--noheadings", "--units", "b", "--nosuffix", "-o", "vg_extent_size", group),
    );
    return this.lvm("lvs", ...options, `${group}/${name}`)
      .trim()
      .split("\n")
      .map((line) => {
        const [start = "", size = "", stripe = "", ranges = ""] = line.trim().split("|");
        const areas = ranges.split(" ").map((range) => {
          const [, pv = "", first = ""] = /^(.*):(\d+)-\d+$/.exec(range) ?? [];
          return { loop: pv, offset: (starts.get(pv) ?? 0) + Number(first) * extent };
        });
        return { start: Number(start), size: Number(size), stripe: Number(stripe), areas };
      });
  }

  /** Writes a volume's content where LVM2 says it lies. */
  fill(group: string, name: string, content: Uint8Array): void {
    for (const { start, size, stripe, areas } of this.segments(group, name)) {
      const files = areas.map((area) => openSync(area.loop, "r+"));
      const step = areas.length > 1 ? stripe : size;
      for (let at = 0; at < size && start + at < content.length; at += step) {
        const turn = (at / step) % areas.length;
        const where = (areas[turn]?.offset ?? 0) + Math.floor(at / step / areas.length) * step;
        const piece = content.subarray(start + at, Math.min(start + at + step, start + size));
        writeSync(files[turn] ?? -1, piece, 0, piece.length, where);
      }
      for (const file of files) closeSync(file);
    }
  }

  /** Gives the loop devices back; what was written through them is then in the file. */
  close(): void {
    for (const loop of this.loops) {
      run("blockdev", ["--flushbufs", loop]);
      run("losetup", ["--detach", loop]);
    }
    run("sync", [this.#disk]);
  }
}

export interface LabSegment {
  readonly start: number;
  readonly size: number;
  readonly stripe: number;
  readonly areas: readonly { readonly loop: string; readonly offset: number }[];
}
