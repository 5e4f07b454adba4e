import type { ByteSource } from "../../src/disk/bytes/byte-source.ts";
import { quoteName } from "../../src/disk/bytes/names.ts";
import { splitPath } from "../../src/disk/filesystems/path.ts";
import {
  isTar,
  memberContent,
  readTar,
  type TarEntry,
  tarFileSystem,
} from "../../src/disk/filesystems/tar/index.ts";
import { Tree } from "../../src/disk/filesystems/tree.ts";
import { unsupported } from "../../src/errors.ts";
import type { ProviderContext } from "../contract.ts";
import { openContainerImage } from "./container-image.ts";
import { bootDiskName, unescapeUri } from "./ovf.ts";
import { checkManifest } from "./ovf-manifest.ts";
import type { Held, Unpacker } from "./unpack.ts";

const DISK = /\.(raw|img|qcow2?|vmdk|vhdx?|vdi|vhdfixed)(\.(gz|xz|zst|bz2))?$/i;

/** A member by its path without `./` and the like. */
interface Member {
  readonly path: string;
  readonly entry: TarEntry;
}

/**
 * What a tar archive holds: a disk (GCE, OVA, or the only image in it), a container image or a root file system.
 * Undefined when the source is no tar archive after all.
 * @throws corrupt, unsupported, limit
 */
export async function openArchive(
  source: ByteSource,
  unpacked: Unpacker,
  context: ProviderContext,
): Promise<Held | undefined> {
  if (!(await isTar(source))) return undefined;
  const label = `${source.label} > tar`;
  const entries = await readTar(source);
  const members = entries.map((entry) => ({ path: splitPath(entry.path).join("/"), entry }));
  const files = members.filter(({ entry }) => "07S".includes(entry.type));
  const member = ({ entry, path }: Member): ByteSource => memberContent(entry, `${label} > ${path}`);
  const file = (found: Member, notes: readonly string[] = []): Held => ({
    kind: "file",
    source: member(found),
    notes,
  });

  /** The only member of this name: of several, who reads from the front takes the first, who extracts the last. */
  const single = (name: string): Member | undefined => {
    const [found, ...more] = files.filter(({ path }) => path === name);
    if (more.length > 0)
      throw unsupported(
        label,
        `archive that holds ${quoteName(name)} ${more.length + 1} times: make it anew with the one that counts`,
      );
    return found;
  };

  const gce = single("disk.raw");
  if (gce) return file(gce);

  const [ovf, ...others] = files.filter(({ path }) => /^[^/]+\.ovf$/i.test(path));
  if (others.length > 0)
    throw unsupported(label, `OVA with ${others.length + 1} OVF descriptors: make it anew with one`);
  if (ovf) {
    const { name, notes } = await bootDiskName(member(ovf));
    const disk = single(name) ?? single(unescapeUri(name));
    if (!disk) throw unsupported(label, `OVA whose disk ${quoteName(name)} is not in it`);
    const manifest = single(ovf.path.replace(/ovf$/i, "mf"));
    const checked = manifest
      ? await checkManifest(
          member(manifest),
          { name: ovf.path, source: member(ovf) },
          { name: disk.path, source: member(disk) },
          { verifyDisk: context.verifyDigest === true, signal: context.signal },
        )
      : [];
    return file(disk, [...notes, ...checked]);
  }

  const names = new Set(members.map(({ path }) => path));
  if (names.has("manifest.json") || (names.has("index.json") && names.has("oci-layout"))) {
    const tree = new Tree([{ path: "/", locator: label, fs: tarFileSystem(entries, label) }]);
    return openContainerImage(tree, label, unpacked);
  }

  const tops = new Set(members.map(({ path }) => path.split("/", 1)[0] ?? ""));
  if (tops.has("etc") || tops.has("usr"))
    return { kind: "files", fs: tarFileSystem(entries, label), notes: [] };

  const disks = files.filter(({ path }) => DISK.test(path));
  const [only] = disks;
  if (only && disks.length === 1) return file(only);
  if (names.has("rootfs/etc") || names.has("rootfs/usr"))
    return { kind: "files", ...below("rootfs", members, label) };
  const shown = [...tops].slice(0, 5).map(quoteName).join(", ");
  throw unsupported(
    label,
    disks.length > 1
      ? `archive of ${disks.length} disk images: unpack it and scan the one that boots`
      : `archive without a disk, a root file system or a container image; it holds ${shown || "nothing"}`,
  );
}

/** The tree below one folder, as LXD's and Incus' archives have it. */
function below(
  folder: string,
  members: readonly Member[],
  label: string,
): { readonly fs: ReturnType<typeof tarFileSystem>; readonly notes: readonly string[] } {
  const prefix = `${folder}/`;
  const inside = members
    .filter(({ path }) => path.startsWith(prefix))
    .map(({ path, entry }) => {
      const link = splitPath(entry.linkPath).join("/");
      const linkPath =
        entry.type === "1" && link.startsWith(prefix) ? link.slice(prefix.length) : entry.linkPath;
      return { ...entry, path: path.slice(prefix.length), linkPath };
    });
  return {
    fs: tarFileSystem(inside, `${label} > ${folder}`),
    notes: [`the root file system is its folder ${folder}`],
  };
}
