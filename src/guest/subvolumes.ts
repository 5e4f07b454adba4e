import type { DiskVolume } from "../disk/disk.ts";
import type { FileSystem, Subvolume, Subvolumes } from "../disk/filesystems/driver.ts";
import { splitPath } from "../disk/filesystems/path.ts";
import type { Mount } from "../disk/filesystems/tree.ts";
import { isReadError, unsupported } from "../errors.ts";
import type { Candidate, Look, Mounted } from "./roots.ts";

/** Where installers put the root: Fedora; Ubuntu, Arch and others; Debian. */
const USUAL_ROOTS = ["root", "@", "@rootfs"];
/** Subvolumes that are looked at when none of the usual is there. */
const LOOKS_MAX = 64;
const TOP_LEVEL = 5;

/** What a mount option says of a subvolume: its path from the top level, or its id. */
export type Which = string | number;

/**
 * The subvolume that mount options name; undefined when they name none. Of several the last counts, and `subvol`
 * before `subvolid`, which says the same again when both are right. Source: btrfs(5), "Mount options".
 */
export function subvolumeIn(options: readonly string[]): Which | undefined {
  const last = (name: string): string | undefined =>
    options.findLast((option) => option.startsWith(`${name}=`))?.slice(name.length + 1);
  const path = last("subvol");
  if (path !== undefined) return splitPath(path).join("/");
  const id = last("subvolid");
  return id !== undefined && /^(0x[0-9a-f]+|\d+)$/i.test(id) ? Number(id) || TOP_LEVEL : undefined;
}

/** What a plain mount shows, and the subvolumes that look like something. */
export async function withSubvolumes(
  volume: DiskVolume,
  mounted: Mounted,
  subvolumes: Subvolumes,
  look: Look,
): Promise<readonly Candidate[]> {
  const lookAt = async (some: readonly Subvolume[]): Promise<readonly Candidate[]> => {
    const seen = await Promise.all(
      some.map(async (subvolume): Promise<readonly Candidate[]> => {
        const fs = await subvolumes.open(subvolume.id);
        if (!fs) return [];
        const locator = locatorOf(mounted.locator, subvolume.path);
        return [{ ...(await look(volume, { fs, locator })), subvolume }];
      }),
    );
    return seen.flat().filter(({ role }) => role !== "other");
  };
  // Asked for beside the plain mount: when nobody has set a default, that one is not going to be the root.
  const [plain, usual] = await Promise.all([
    look(volume, mounted),
    unlessUnreadable(async () =>
      (await subvolumes.defaultId()) === TOP_LEVEL ? usualOf(subvolumes) : [],
    ).then(lookAt),
  ]);
  if ([plain, ...usual].some(({ role }) => role === "root")) return [plain, ...usual];
  const all = await unlessUnreadable(() => subvolumes.list());
  return [plain, ...(await lookAt(all.slice(0, LOOKS_MAX)))];
}

async function usualOf(subvolumes: Subvolumes): Promise<readonly Subvolume[]> {
  const all = await subvolumes.list();
  return USUAL_ROOTS.flatMap((path) => all.find((one) => one.path === path) ?? []);
}

/** Trees that cannot be read tell so themselves when the plain mount is looked at. */
async function unlessUnreadable(list: () => Promise<readonly Subvolume[]>): Promise<readonly Subvolume[]> {
  try {
    return await list();
  } catch (error) {
    if (!isReadError(error)) throw error;
    return [];
  }
}

/** A subvolume as a mount; it is opened when somebody looks below it. */
export function mountOfSubvolume(path: string, fs: FileSystem, locator: string, which: Which): Mount {
  const at = locatorOf(locator, which);
  return { path, locator: at, fs: lazily(fs, at, which) };
}

function lazily(fs: FileSystem, locator: string, which: Which): FileSystem {
  const { type, label, uuid, features, caseSensitive } = fs;
  return {
    type,
    label,
    uuid,
    features,
    notes: [],
    caseSensitive,
    async root() {
      const opened = await fs.subvolumes?.open(which);
      if (!opened) throw unsupported(locator, `no such subvolume in this ${type}`);
      return opened.root();
    },
  };
}

/** `image > gpt#3 > btrfs > subvol=root`. */
export function locatorOf(locator: string, which: Which): string {
  const name = typeof which === "string" ? `subvol=${which === "" ? "/" : which}` : `subvolid=${which}`;
  return `${locator} > ${name}`;
}

/** True when a candidate is what these options would mount. */
export function isMountedBy({ subvolume }: Candidate, which: Which | undefined): boolean {
  if (which === undefined) return subvolume === undefined;
  return which === subvolume?.id || which === subvolume?.path;
}
