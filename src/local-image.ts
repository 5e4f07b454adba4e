import type { ProviderContext } from "../providers/contract.ts";
import { refOf } from "../providers/file/ref.ts";
import { ScanError } from "./errors.ts";
import type { Listed } from "./scan/scan-all.ts";

export interface LocalImageOptions {
  /** Paths of files that the image stands on (a backing file, VMDK extents, a parent disk): no others are opened. */
  readonly companions?: readonly string[];
  /** Most bytes that a compressed image may take when it is unpacked to a temporary file; 64 GiB when not said. */
  readonly spoolMaxBytes?: number;
  /** Ends what opening takes time for: unpacking. Give it to `scan`, too. */
  readonly signal?: AbortSignal;
}

/**
 * An image on this machine, to be given to `scan`, `extract`, `inspect` or, in a list, `scanAll`: an image file (plain,
 * compressed or in an archive), a folder that holds a root file system, an OCI layout, a disk device, or an evidence bundle
 * (`*.sixray.tar.gz`). Nothing is opened before `open` is called; what the path leads to is read and never written. Each
 * call of `open` opens it anew, and rejects with a `ScanError` (`access`, `usage`, `unsupported`, `corrupt`, `limit`).
 * `path` is taken to the letter (no glob), relative to the working folder of that moment, and is the image's id.
 *
 * @throws ScanError `usage` for an empty path.
 */
export function localImage(path: string, options: LocalImageOptions = {}): Listed {
  if (path === "") throw new ScanError("usage", "an image needs a path");
  const context: ProviderContext = options;
  return {
    image: refOf(path),
    open: async (image) => (await provider()).open(image, context),
    mark: async () => (await provider()).mark?.(refOf(path), context),
  };
}

/** Loaded when an image is opened: who only reads bundles or reports needs none of it. */
async function provider(): Promise<typeof import("../providers/file/index.ts").file> {
  return (await import("../providers/file/index.ts")).file;
}
