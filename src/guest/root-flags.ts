import { isReadError, unsupported } from "../errors.ts";
import { type Candidate, look } from "./roots.ts";
import { isMountedBy, locatorOf, subvolumeIn, type Which } from "./subvolumes.ts";

/**
 * The root as the kernel command line has it: `rootflags=subvol=...` names a subvolume, and without it the
 * default one is mounted. Source: Linux Documentation/admin-guide/kernel-parameters.txt; btrfs(5).
 */
export async function rootByCommandLine(
  cmdline: string | undefined,
  root: Candidate,
  all: readonly Candidate[],
): Promise<{ readonly root: Candidate; readonly notes: readonly string[] }> {
  if (cmdline === undefined) return { root, notes: [] };
  const which = rootSubvolume(cmdline);
  if (isMountedBy(root, which)) return { root, notes: [] };
  const plain = all.find((one) => one.volume === root.volume);
  const known = all.find((one) => one.volume === root.volume && isMountedBy(one, which));
  if (which !== undefined && plain) {
    const named = known ?? (await open(plain, which));
    return { root: named, notes: named.error ? [named.error.line] : [] };
  }
  if (known?.role === "root") return { root: known, notes: [] };
  const note = `the kernel command line names no subvolume, and the default one is no root: judged ${root.locator}`;
  return { root, notes: [note] };
}

/** Of several `rootflags=` the last counts. */
function rootSubvolume(cmdline: string): Which | undefined {
  const flags = cmdline
    .split(/\s+/)
    .map((word) => word.replaceAll('"', ""))
    .findLast((word) => word.startsWith("rootflags="));
  return flags === undefined ? undefined : subvolumeIn(flags.slice("rootflags=".length).split(","));
}

/** A subvolume that nobody had looked at; when it is not there, nothing of the root can be read. */
async function open(plain: Candidate, which: Which): Promise<Candidate> {
  const whole = plain.whole ?? plain;
  const locator = locatorOf(whole.locator, which);
  try {
    const fs = await whole.fs.subvolumes?.open(which);
    if (!fs) throw unsupported(locator, "the kernel command line names this subvolume, which is not here");
    return { ...(await look(plain.volume, { fs, locator })), subvolume: fs.subvolume };
  } catch (error) {
    if (!isReadError(error)) throw error;
    return { ...plain, locator, error };
  }
}
