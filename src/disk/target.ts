import type { ByteSource } from "./bytes/byte-source.ts";
import type { Companions } from "./bytes/format.ts";
import type { FileSystem } from "./filesystems/driver.ts";

/** What a provider hands over for one image. */
export type Target =
  | {
      readonly kind: "disk";
      readonly source: ByteSource;
      readonly companions?: Companions;
      /** How the source likes to be read. */
      readonly reading: Reading;
      /** What a reviewer should know about how it was reached: "unpacked from gzip". */
      readonly notes?: readonly string[];
    }
  /** Files without a disk: a folder, a tarball or a container image. */
  | {
      readonly kind: "files";
      readonly fs: FileSystem;
      readonly locator: string;
      readonly notes?: readonly string[];
    };

/** The grain of reads, by kind of source: 4 KiB for files, 16-64 KiB for HTTP, 512 KiB for EBS. */
export interface Reading {
  readonly blockBytes: number;
  /** Reads at most this many bytes apart become one. */
  readonly gapMaxBytes: number;
}
