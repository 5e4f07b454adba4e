import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { openDisk } from "../../src/disk/disk.ts";
import { bootEntry } from "../../src/guest/boot/index.ts";
import { examine } from "../../src/guest/machine.ts";
import { inDoubt } from "../../src/ipv6/doubt.ts";
import { predict } from "../../src/ipv6/predict.ts";
import type { BootFacts } from "../../src/model/boot.ts";
import { observe } from "../../src/model/observations.ts";
import type { Prediction } from "../../src/model/prediction.ts";
import { ASKS } from "../../src/scan/asks.ts";
import { fileSource } from "./file-source.ts";
import { run } from "./images.ts";
import type { FlatFiles } from "./machine.ts";

export const GUEST_DISK_NEEDS = ["mke2fs", "mkfs.fat", "mcopy", "sfdisk", "dd", "truncate"] as const;

export interface Part {
  readonly files: FlatFiles;
  /** GPT type: a GUID, or one of sfdisk's short names. */
  readonly type?: string;
  readonly name?: string;
  readonly uuid?: string;
  /** File-system UUID of an ext4. */
  readonly fsUuid?: string;
  readonly label?: string;
  /** As sfdisk's `attrs=` takes them: `GUID:48,56`. */
  readonly attributes?: string;
  readonly vfat?: boolean;
  /** No file system: zeros, but for this Latin-1 text at this offset. */
  readonly magic?: readonly [offset: number, text: string];
  /** Its inode tables are gone. */
  readonly damaged?: boolean;
}

const PART_MIB = 8;

/** A GPT disk of these partitions, made by sfdisk, mke2fs and mkfs.fat. Returns its path. */
export function makeGuestDisk(folder: string, parts: readonly Part[]): string {
  mkdirSync(folder, { recursive: true });
  const disk = join(folder, "disk");
  run("truncate", ["-s", `${2 + parts.length * PART_MIB}M`, disk]);
  const lines = parts.map(({ type, name, uuid, attributes, vfat }, index) =>
    [
      `start=${(1 + index * PART_MIB) * 2048}`,
      `size=${PART_MIB * 2048}`,
      `type=${type ?? (vfat ? "U" : "L")}`,
      ...(name ? [`name="${name}"`] : []),
      ...(uuid ? [`uuid=${uuid}`] : []),
      ...(attributes ? [`attrs="${attributes}"`] : []),
    ].join(", "),
  );
  run("sfdisk", ["-q", disk], { input: `label: gpt\n${lines.join("\n")}\n` });
  for (const [index, part] of parts.entries()) {
    const tree = join(folder, `tree${index}`);
    const image = join(folder, `part${index}`);
    mkdirSync(tree);
    writeFiles(tree, part.files);
    if (part.magic) {
      const bytes = Buffer.alloc(PART_MIB << 20);
      bytes.write(part.magic[1], part.magic[0], "latin1");
      writeFileSync(image, bytes);
    } else if (part.vfat) makeFat(image, tree);
    else {
      const uuid = part.fsUuid ? ["-U", part.fsUuid] : [];
      const label = part.label ? ["-L", part.label] : [];
      run("mke2fs", ["-q", "-F", "-t", "ext4", ...uuid, ...label, "-d", tree, image, `${PART_MIB}M`]);
    }
    if (part.damaged)
      run("dd", [
        "if=/dev/urandom",
        `of=${image}`,
        "bs=4k",
        "seek=1",
        "count=400",
        "conv=notrunc",
        "status=none",
      ]);
    const seek = `seek=${1 + index * PART_MIB}`;
    run("dd", [`if=${image}`, `of=${disk}`, "bs=1M", seek, "conv=notrunc,sparse", "status=none"]);
  }
  return disk;
}

function makeFat(image: string, tree: string): void {
  run("truncate", ["-s", `${PART_MIB}M`, image]);
  run("mkfs.fat", [image]);
  const names = run("ls", [tree]).toString().split("\n").filter(Boolean);
  run("mcopy", ["-s", "-i", image, ...names.map((name) => join(tree, name)), "::"]);
}

export function writeFiles(folder: string, files: FlatFiles): void {
  for (const [path, value] of Object.entries(files)) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    if (typeof value === "string") writeFileSync(join(folder, path), value);
    else if ("link" in value && typeof value.link === "string") symlinkSync(value.link, join(folder, path));
    else mkdirSync(join(folder, path), { recursive: true });
  }
}

export interface Judged {
  /** `/usr gpt#3 > ext4`. */
  readonly mounts: readonly string[];
  readonly notes: string;
  readonly boot: BootFacts;
  readonly prediction: Prediction;
  /** Why what was read may not be what the machine sees. */
  readonly doubts: readonly string[];
}

/** What a scan of the disk makes of it. */
export async function judgeDisk(disk: string): Promise<Judged> {
  const examined = await examine((await openDisk(fileSource(disk))).volumes, ASKS);
  if (!examined) throw new Error("no machine found");
  const seen = observe(examined.snapshot);
  const boot = bootEntry.read(seen);
  return {
    mounts: examined.tree.mounts
      .filter(({ path }) => path !== "/run")
      .map(({ path, locator }) => `${path} ${locator.slice(disk.length + 3)}`),
    notes: examined.notes.join("\n"),
    boot,
    prediction: inDoubt(predict(seen, boot), examined.doubts ?? []),
    doubts: (examined.doubts ?? []).map(({ why }) => why),
  };
}

/** The same files below a folder. */
export function below(folder: string, files: FlatFiles): FlatFiles {
  return Object.fromEntries(Object.entries(files).map(([path, value]) => [`${folder}${path}`, value]));
}
