import { blsFilesIn } from "../bls/entry.ts";
import { ESP_FOLDERS } from "../esp.ts";
import type { BootFiles, Content, TextFile } from "../files.ts";
import type { Truth } from "./test-command.ts";

/** The root device of a GRUB whose configuration lies on the EFI system partition. */
export const ESP_DEVICE = "esp";
/** What `search --label OEM` finds; Flatcar mounts it at one of these. */
const OEM_DEVICE = "label:OEM";
const OEM_FOLDERS = ["/oem", "/usr/share/oem"];

/** The name a search by label gives the device, so that paths on it can be told apart. */
export function labelDevice(label: string): string {
  return `label:${label}`;
}

/**
 * GRUB names files by device; the snapshot has the assembled machine. A path without a known place is
 * tried as it is and below /boot, since the device may be a separate /boot partition.
 */
export class GrubPaths {
  readonly #files: BootFiles;

  constructor(files: BootFiles) {
    this.#files = files;
  }

  candidates(path: string, root: string): readonly string[] {
    const [, device = root, rest = ""] = /^(?:\(([^)]*)\))?(.*)$/s.exec(path) ?? [];
    const local = `/${rest}`.replace(/\/+/g, "/");
    if (device === OEM_DEVICE) return OEM_FOLDERS.map((folder) => folder + local);
    const onEsp = device === ESP_DEVICE ? ESP_FOLDERS.map((folder) => folder + local) : [];
    // What already says where the partition is mounted, as $prefix does here, is meant that way.
    if (local.startsWith("/boot/") || local.startsWith("/efi/EFI/"))
      return local.includes("/EFI/") ? [local] : [local, ...onEsp];
    if (onEsp.length > 0) return onEsp;
    // GRUB names files from the top level of a Btrfs: what precedes /boot/ is the subvolume that is mounted at /.
    const boot = local.indexOf("/boot/");
    return [`/boot${local}`, local, ...(boot > 0 ? [local.slice(boot)] : [])];
  }

  text(path: string, root: string): Content<TextFile> {
    if (this.#isHidden(path, root)) return { state: "unreadable", reason: "the OEM partition was not found" };
    return this.#files.firstText(this.candidates(path, root));
  }

  /** Every `*.conf` of a folder; `absent` when the folder is. */
  blsFiles(folder: string, root: string): Content<readonly { id: string; file: TextFile }[]> {
    for (const candidate of this.candidates(folder, root)) {
      const found = blsFilesIn(candidate, this.#files);
      if (found.state !== "absent") return found;
    }
    return { state: "absent" };
  }

  kind(path: string, root: string): "file" | "directory" | "absent" | "unknown" {
    if (this.#isHidden(path, root)) return "unknown";
    let first: ReturnType<BootFiles["kind"]> = "absent";
    for (const candidate of this.candidates(path, root)) {
      const kind = this.#files.kind(candidate);
      if (first === "absent") first = kind;
      if (kind === "file" || kind === "directory") break;
    }
    return first;
  }

  isEmpty(path: string, root: string): Truth {
    for (const candidate of this.candidates(path, root)) {
      const seen = this.#files.bytes(candidate);
      if (seen.state === "unreadable") return "unknown";
      if (seen.state === "found") return seen.value.bytes.length === 0;
    }
    return true;
  }

  /** The OEM partition is there, but nobody mounted it: what it holds is not known to be absent. */
  #isHidden(path: string, root: string): boolean {
    const device = /^\(([^)]*)\)/.exec(path)?.[1] ?? root;
    return device === OEM_DEVICE && OEM_FOLDERS.every((folder) => this.#files.kind(folder) === "absent");
  }
}
