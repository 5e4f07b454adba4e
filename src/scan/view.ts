import type { ByteSource } from "../disk/bytes/byte-source.ts";
import { type Cost, newCost } from "../disk/bytes/counted.ts";
import type { Companions } from "../disk/bytes/format.ts";
import { type Disk, fileSystemNamed, openDisk } from "../disk/disk.ts";
import type { FileSystem } from "../disk/filesystems/driver.ts";
import { Tree } from "../disk/filesystems/tree.ts";
import type { Target } from "../disk/target.ts";
import { isReadError, ScanError } from "../errors.ts";
import { type Examined, examine, examineFiles } from "../guest/machine.ts";
import type { Extract } from "../model/extract.ts";
import type { ImageRef } from "../model/image.ts";
import type { Access, Unread } from "../model/report.ts";
import type { Asks } from "../model/snapshot.ts";
import { CACHE_BYTES, readingStack } from "./stack.ts";

/** Gives an image's bytes or files, or what was taken from it before: the caller's provider. */
export type Opener = (image: ImageRef) => Promise<{
  readonly target: Target | Evidence;
  requests?(): number;
  stale?(): boolean;
  access?(): Access;
  throttled?(): boolean;
  close(): Promise<void>;
}>;

/** An evidence bundle in the place of an image. */
export interface Evidence {
  readonly kind: "evidence";
  readonly extract: Extract;
  readonly notes?: readonly string[];
}

export interface ViewOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onThrottled?: (() => void) | undefined;
}

/** An image opened down to its file systems. */
export interface View {
  readonly image: ImageRef;
  readonly cost: Cost;
  /** Absent for files without a disk. */
  readonly disk?: Disk;
  readonly files?: { readonly fs: FileSystem; readonly locator: string };
  /** What was taken from the image before, when the image itself is not there. */
  readonly extract?: Extract;
  /** What the provider says about how the image was reached. */
  readonly notes: readonly string[];
  /** How the image was reached, as far as it is known by now. */
  access?(): Access;
}

/** How often an image that changes under us is opened anew. */
const OPENINGS_MAX = 2;

/**
 * Opens `image`, lets `use` look at it, and closes it on every way out. When the image turns out to have changed
 * meanwhile, `use` is run once more on the image opened anew if it is `repeatable`; then that is an error.
 */
export async function withView<T>(
  image: ImageRef,
  open: Opener,
  options: ViewOptions & { readonly cost?: Cost; readonly repeatable?: boolean },
  use: (view: View) => Promise<T>,
): Promise<T> {
  const { cost = newCost(), signal, repeatable = false } = options;
  for (let opening = 1; ; opening++) {
    signal?.throwIfAborted();
    const opened = await open(image);
    const stale = (): boolean => opened.stale?.() ?? false;
    try {
      const result = await useTarget(image, opened, cost, signal, use);
      if (!stale()) return result;
    } catch (error) {
      if (!stale() || !isReadError(error)) throw error;
    } finally {
      if (opened.throttled?.()) options.onThrottled?.();
      await opened.close();
    }
    if (!repeatable || opening >= OPENINGS_MAX)
      throw new ScanError("transient", "the image changed while it was read: try again later", {
        at: [image.id],
      });
  }
}

async function useTarget<T>(
  image: ImageRef,
  { target, requests, access }: Awaited<ReturnType<Opener>>,
  cost: Cost,
  signal: AbortSignal | undefined,
  use: (view: View) => Promise<T>,
): Promise<T> {
  if (target.kind === "evidence") return use({ image, cost, extract: target.extract, notes: [] });
  const notes = target.notes ?? [];
  const reached = access === undefined ? {} : { access };
  if (target.kind === "files") return use({ image, cost, files: target, notes, ...reached });
  const source = readingStack(target.source, target.reading, { cost, requests }, signal);
  const companions = companionsThrough(target.companions, (companion, cacheBytes) =>
    readingStack(companion, target.reading, { cost, requests }, signal, cacheBytes),
  );
  return use({ image, cost, disk: await openDisk(source, companions), notes, ...reached });
}

/** The same files, read at the same grain and counted with the image: a disk may lie in its extents alone. */
function companionsThrough(
  companions: Companions | undefined,
  stack: (source: ByteSource, cacheBytes: number) => ByteSource,
): Companions | undefined {
  if (!companions) return undefined;
  const cacheBytes = CACHE_BYTES / Math.max(1, companions.byName.size);
  return {
    byName: new Map([...companions.byName].map(([name, source]) => [name, stack(source, cacheBytes)])),
  };
}

/** Finds the operating system and fetches what is asked for. Undefined when there is none. */
export function examineView(view: View, asks: readonly Asks[]): Promise<Examined | undefined> {
  if (view.extract) throw bundleOnly(view.image);
  if (view.files) return examineFiles(view.files.fs, view.files.locator, asks);
  return examine(view.disk?.volumes ?? [], asks);
}

/** What `ls` and `cat` walk: the named volume, else the machine, else the only file system there is. */
export async function treeOf(
  view: View,
  volume: string | undefined,
): Promise<{ readonly tree: Tree; readonly volumeOf: (path: string) => string }> {
  const { disk } = view;
  if (view.extract) throw bundleOnly(view.image);
  if (!disk || volume !== undefined) {
    const name = volume ?? "whole";
    const { fs, locator } = disk ? fileSystemNamed(disk, name) : filesNamed(view, name);
    return { tree: new Tree([{ path: "/", locator, fs }]), volumeOf: () => name };
  }
  const machine =
    (await examineView(view, [])) ??
    (await (
      await import("../guest/windows/machine.ts")
    ).examineWindows(disk, { files: { wants: [] }, keys: [] }));
  if (machine) {
    const { tree, doubts } = machine;
    const other = doubts?.find(({ ofSystem }) => ofSystem);
    if (other) throw new ScanError("usage", `${other.why}; pick a volume with --volume`);
    return { tree, volumeOf: (path) => volumeHolding(disk, tree.mountOf(path).locator) };
  }
  const readable = disk.volumes.filter(({ content }) => content.kind === "filesystem");
  const [only] = readable;
  if (readable.length === 1 && only) return treeOf(view, only.name);
  throw noOperatingSystem(view, "; pick a volume with --volume");
}

function bundleOnly({ id }: ImageRef): ScanError {
  return new ScanError("usage", "an evidence bundle holds only what was read of an image: see tar -tzf", {
    at: [id],
  });
}

/** The volume of a mount, which may be a subvolume of its file system; empty for none. */
function volumeHolding(disk: Disk, locator: string): string {
  const found = disk.volumes.find(
    ({ content }) =>
      content.kind === "filesystem" &&
      (locator === content.locator || locator.startsWith(`${content.locator} > `)),
  );
  return found?.name ?? "";
}

function filesNamed(view: View, name: string): { readonly fs: FileSystem; readonly locator: string } {
  if (view.files && name === "whole") return view.files;
  throw new ScanError("usage", `no volume ${name} here; a folder has only: whole`);
}

export function unreadVolumes(disk: Disk, image: string): readonly Unread[] {
  return disk.volumes.flatMap(({ content, data }) =>
    content.kind === "unread" ? { what: withoutImage(data.label, image), reason: content.error.line } : [],
  );
}

function withoutImage(label: string, image: string): string {
  return label.startsWith(`${image} > `) ? label.slice(image.length + 3) : label;
}

const INSPECT = '"sixray inspect" shows what else the disk holds';

/** Says why nothing can be judged, above all what could not be read, and what to do; `hint` is what a command adds. */
export function noOperatingSystem({ disk, files, image }: View, hint = ""): ScanError {
  if (!disk) {
    const { fs, locator } = files ?? { locator: image.id };
    const message =
      fs?.type === "folder"
        ? `no operating system found: a folder is taken as a root file system, and this one has neither etc nor usr; ${nameImages(locator)}`
        : "no operating system found: neither etc nor usr here";
    return new ScanError("unsupported", `${message}${hint}`, { at: [locator] });
  }
  const [first] = disk.volumes.filter(({ content }) => content.kind === "unread");
  if (first?.content.kind === "unread") {
    const { code, message, at } = first.content.error;
    // What is known by name says itself what to do.
    const look = disk.table && first.content.type === "unknown" ? `; ${INSPECT}` : "";
    return new ScanError(code, `no operating system could be read: ${message}${hint || look}`, {
      at: at.length > 0 ? at : [first.data.label],
      cause: first.content.error,
    });
  }
  const seen = disk.volumes
    .map(({ name, content }) => `${name} ${content.kind === "filesystem" ? content.fs.type : content.type}`)
    .join(", ");
  return new ScanError(
    "unsupported",
    `no operating system found (no folder etc beside usr or bin); the disk holds: ${seen || "no volumes"}${hint}`,
    { at: [disk.source.label] },
  );
}

/** A name that means something in a glob or between quotes makes no example. */
function nameImages(folder: string): string {
  const example = /[*?[{'\\]/.test(folder) ? "" : `, or all at once: '${folder.replace(/\/+$/, "")}/*'`;
  return `image files in it are named one by one${example}`;
}
