import type { BootFacts } from "./boot.ts";
import type { ImageRef, OsInfo } from "./image.ts";
import type { ReadCost, Unread } from "./report.ts";

/** What lies in an image, whether or not it could be read: what a person checks first. */
export interface Inspection {
  readonly image: ImageRef;
  readonly container?: { readonly name: string; readonly details: readonly string[] };
  readonly diskSizeBytes?: number;
  readonly table?: {
    readonly scheme: "gpt" | "mbr";
    readonly sectorSizeBytes: number;
    readonly notes: readonly string[];
  };
  readonly volumes: readonly InspectedVolume[];
  /** Absent when no operating system was found. */
  readonly os?: OsInfo;
  readonly boot?: BootFacts;
  /** Where each file system stands in the machine: `{ path: "/boot", locator }`. */
  readonly mounts: readonly { readonly path: string; readonly locator: string }[];
  readonly unread: readonly Unread[];
  readonly notes: readonly string[];
  readonly cost: ReadCost;
}

export interface InspectedVolume {
  /** As `--volume` takes it. */
  readonly name: string;
  readonly locator: string;
  readonly sizeBytes: number;
  readonly partition?: {
    readonly number: number;
    readonly startBytes: number;
    readonly type: string;
    readonly label: string;
    readonly uuid: string;
  };
  /** `ext4`, `vfat`, `swap`, `crypto_LUKS`, `unknown`, as blkid names it. */
  readonly content: string;
  readonly fileSystem?: {
    readonly label: string;
    readonly uuid: string;
    readonly features: readonly string[];
    readonly notes: readonly string[];
  };
  /** How it was put together: "raid1: only leg 0 of 2 was read". */
  readonly notes?: readonly string[];
  /** Why it was not read. */
  readonly unread?: string;
}
