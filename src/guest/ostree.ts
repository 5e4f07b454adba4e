/**
 * OSTree: the root is a deployment, a folder of the physical root file system. Sources: ostree-prepare-root(1)
 * and https://ostreedev.github.io/ostree/deployment/ ("Deployments", "The system /boot").
 */
import { Tree } from "../disk/filesystems/tree.ts";
import { isReadError, type ScanError, unsupported } from "../errors.ts";
import { observe } from "../model/observations.ts";
import { bootEntry } from "./boot/index.ts";
import { extract } from "./extract.ts";
import type { Candidate } from "./roots.ts";
import { bindMount, type FoundFolder, folderAsFileSystem, folderAt } from "./subtree.ts";

/** Where every deployment lies: state root, checksum, serial. */
const DEPLOYMENT = /^(\/ostree\/deploy\/[^/]+)\/deploy\/[^/]+\.\d+$/;
const DEPLOYMENTS_MAX = 256;

/** Each physical root replaced by the deployment that boots from it; all else as it was. */
export function withDeployments(all: readonly Candidate[]): Promise<readonly Candidate[]> {
  return Promise.all(all.map(async (one) => (one.role === "ostree" ? await deployed(one, all) : one)));
}

async function deployed(physical: Candidate, all: readonly Candidate[]): Promise<Candidate> {
  try {
    return await deployedOrThrow(physical, all);
  } catch (error) {
    if (!isReadError(error)) throw error;
    return { ...physical, role: "root", error };
  }
}

async function deployedOrThrow(physical: Candidate, all: readonly Candidate[]): Promise<Candidate> {
  const { fs, locator } = physical;
  const bare = new Tree([{ path: "/", locator, fs }]);
  const boot = all.find((one) => one.role === "boot");
  const esp = all.find((one) => one.role === "esp");
  const { folder, note } = await choose(physical, bare, [
    ...(boot ? [{ path: "/boot", locator: boot.locator, fs: boot.error ?? boot.fs }] : []),
    ...(esp ? [{ path: "/boot/efi", locator: esp.locator, fs: esp.error ?? esp.fs }] : []),
  ]);
  const stateRoot = DEPLOYMENT.exec(folder.path)?.[1];
  if (stateRoot === undefined) throw unsupported(locator, `${folder.path} is no place of a deployment`);
  const [etc, pristine, state, ownBoot] = await Promise.all([
    folderAt(bare, `${folder.path}/etc`),
    folderAt(bare, `${folder.path}/usr/etc`),
    folderAt(bare, `${stateRoot}/var`),
    boot ? undefined : folderAt(bare, "/boot"),
  ]);
  const first = etc === undefined && pristine !== undefined;
  return {
    ...physical,
    role: "root",
    whole: { fs, locator },
    locator: folder.locator,
    fs: folderAsFileSystem(fs, folder, fs.notes),
    mounts: [
      ...(first ? [bindMount("/etc", fs, pristine)] : []),
      ...(state ? [bindMount("/var", fs, state)] : []),
      ...(ownBoot ? [bindMount("/boot", fs, ownBoot)] : []),
    ],
    notes: [
      ...(note === undefined ? [] : [note]),
      ...(first ? [`${folder.locator}: no /etc yet, it will be a copy of /usr/etc`] : []),
    ],
  };
}

/** The deployment that the default boot entry names; without one to read, the only one there is. */
async function choose(
  { fs, locator }: Candidate,
  bare: Tree,
  boot: Tree["mounts"],
): Promise<{ readonly folder: FoundFolder; readonly note?: string }> {
  const seen = observe(await extract(new Tree([{ path: "/", locator, fs }, ...boot]), [bootEntry]));
  const { cmdline, cmdlineUnknown } = bootEntry.read(seen);
  const named = cmdline === undefined ? undefined : argument(cmdline, "ostree");
  if (named !== undefined) {
    const folder = await folderAt(bare, named);
    if (!folder)
      throw unsupported(locator, `the boot entry names the deployment ${named}, which is not here`);
    return { folder };
  }
  const why = cmdline === undefined ? (cmdlineUnknown ?? "") : "the default boot entry has no ostree=";
  const paths = await deployments(bare);
  const [only] = paths;
  if (only === undefined || paths.length > 1) throw undecided(locator, paths.length, why);
  const folder = await folderAt(bare, only);
  if (!folder) throw undecided(locator, 0, why);
  return { folder, note: `${folder.locator}: judged as the only deployment (${why})` };
}

async function deployments(bare: Tree): Promise<readonly string[]> {
  const found = await bare.glob("/ostree/deploy/*/deploy/*");
  return found
    .slice(0, DEPLOYMENTS_MAX)
    .flatMap((one) => (one.state === "found" && one.node.type === "directory" ? [one.path] : []))
    .filter((path) => DEPLOYMENT.test(path));
}

function undecided(locator: string, count: number, why: string): ScanError {
  return unsupported(locator, `which of ${count} OSTree deployments boots cannot be told: ${why}`);
}

/** The last `name=value` of a kernel command line. */
export function argument(cmdline: string, name: string): string | undefined {
  return cmdline
    .split(/\s+/)
    .map((word) => word.replaceAll('"', ""))
    .findLast((word) => word.startsWith(`${name}=`))
    ?.slice(name.length + 1);
}
