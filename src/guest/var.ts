/**
 * A /var that lies in a partition of its own and is in no fstab: mounted only when the partition's UUID says that it
 * belongs to this very installation. Sources: UAPI Discoverable Partitions Specification (variable data partition);
 * systemd-gpt-auto-generator(8); sd_id128_get_machine_app_specific(3) for how the UUID is made.
 */
import { createHmac } from "node:crypto";
import type { DiskVolume } from "../disk/disk.ts";
import { type Mount, Tree } from "../disk/filesystems/tree.ts";
import { isReadError } from "../errors.ts";
import { observe } from "../model/observations.ts";
import { isAutomatic, VAR_TYPE } from "./discoverable.ts";
import { extract, textOf } from "./extract.ts";
import { parseFstab } from "./fstab.ts";
import type { Candidate } from "./roots.ts";
import { folderAt } from "./subtree.ts";

const MACHINE_ID = "/etc/machine-id";
const FSTAB = "/etc/fstab";

/** The root with the /var that the partition table gives it, when its own is empty and no fstab names one. */
export async function withVar(
  root: Candidate,
  all: readonly Candidate[],
  volumes: readonly DiskVolume[],
): Promise<Candidate> {
  const typed = volumes.filter(({ partition }) => partition?.type === VAR_TYPE && isAutomatic(partition));
  if (root.error || typed.length === 0) return root;
  const mounts: readonly Mount[] = [
    { path: "/", locator: root.locator, fs: root.fs },
    ...(root.mounts ?? []),
  ];
  const tree = new Tree(mounts);
  const seen = observe(await extract(tree, [{ wants: [{ path: MACHINE_ID }, { path: FSTAB }] }]));
  if (parseFstab(textOf(seen, FSTAB) ?? "").some(({ path }) => path === "/var")) return root;
  const wanted = varUuid(textOf(seen, MACHINE_ID) ?? "");
  const own = typed.find(({ partition }) => partition?.uuid.toLowerCase() === wanted);
  try {
    const folder = await folderAt(tree, "/var");
    if (folder && (await tree.listAt(folder)).length > 0) return root;
  } catch (error) {
    if (!isReadError(error)) throw error;
    return root;
  }
  if (!own) {
    const names = typed.map(({ data }) => data.label).join(", ");
    return {
      ...root,
      notes: [
        ...(root.notes ?? []),
        `${names}: a /var by its type, not mounted: its UUID is not made from ${MACHINE_ID}`,
      ],
    };
  }
  const found = all.find(({ volume }) => volume === own);
  const fs = own.content.kind === "unread" ? own.content.error : (found?.error ?? found?.fs);
  if (!fs) return root;
  const locator = found?.locator ?? own.data.label;
  return {
    ...root,
    mounts: [...(root.mounts ?? []), { path: "/var", locator, fs }],
    notes: [...(root.notes ?? []), `${locator} taken for /var: its UUID is made from ${MACHINE_ID}`],
  };
}

/**
 * The UUID that the /var partition of the machine with this ID has, in lower case; undefined for an ID that is not
 * set yet (a fresh image's).
 */
export function varUuid(machineId: string): string | undefined {
  const id = machineId.trim();
  if (!/^[0-9a-f]{32}$/i.test(id) || /^0+$/.test(id)) return undefined;
  const type = Buffer.from(VAR_TYPE.replaceAll("-", ""), "hex");
  const hash = createHmac("sha256", Buffer.from(id, "hex")).update(type).digest().subarray(0, 16);
  // RFC 9562: version 4, variant 10.
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x40, 6);
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8);
  return hash.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
