import { corrupt, limitReached } from "../../../errors.ts";
import { View } from "../../bytes/view.ts";
import type { NodeType } from "../driver.ts";
import { typeOf } from "../posix-node.ts";
import { checksumMatches } from "./checksum.ts";
import type { Superblock } from "./superblock.ts";

const MAGIC = "IN";
const CORE_BYTES = 100;
const CORE_V3_BYTES = 176;
const CRC_OFFSET = 100;
const REALTIME = 0x1;
const NREXT64 = 0x10n;

export type ForkFormat = "device" | "local" | "extents" | "btree";

/** What a reader needs of an inode. Source: XFS Algorithms & Data Structures, "On-disk Inode". */
export interface Inode {
  readonly number: number;
  readonly type: NodeType;
  readonly mode: number;
  readonly uid: number;
  readonly sizeBytes: number;
  /** Its data lies on the real-time device. */
  readonly realtime: boolean;
  readonly format: ForkFormat;
  readonly extentsCount: number;
  /** The data fork; `base` is its byte offset in the volume. */
  readonly fork: View;
}

const FORMATS: readonly ForkFormat[] = ["device", "local", "extents", "btree"];

interface Place {
  readonly number: number;
  readonly offset: number;
  readonly superblock: Superblock;
  readonly label: string;
}

export function parseInode(bytes: Uint8Array, { number, offset, superblock, label }: Place): Inode {
  const view = new View(bytes, label, offset);
  const wrong = (what: string): Error => corrupt(label, `inode ${number}: ${what}`, offset);
  if (!view.is(0, MAGIC)) throw wrong("bad magic");
  const version = view.u8(4);
  const v3 = superblock.version === 5;
  if (v3 ? version !== 3 : version !== 1 && version !== 2) throw wrong(`version ${version}`);
  if (v3) checkIdentity(view, number, superblock, wrong);
  const mode = view.u16be(2);
  const type = typeOf(mode);
  if (type === undefined) throw wrong(mode === 0 ? "is not in use" : `mode ${mode.toString(8)}`);
  const format = FORMATS[view.u8(5)];
  if (format === undefined) throw wrong(`data fork of format ${view.u8(5)}`);
  const sizeBytes = Number(view.big64be(56));
  if (!Number.isSafeInteger(sizeBytes))
    throw limitReached(label, `inode ${number}: size ${sizeBytes}`, offset);
  const core = v3 ? CORE_V3_BYTES : CORE_BYTES;
  const attributesAt = view.u8(82) * 8;
  const forkBytes = attributesAt === 0 ? bytes.length - core : attributesAt;
  if (core + forkBytes > bytes.length) throw wrong(`attribute fork at ${attributesAt}`);
  const wide = v3 && superblock.nrext64 && (view.big64be(120) & NREXT64) !== 0n;
  return {
    number,
    type,
    mode: mode & 0o7777,
    uid: view.u32be(8),
    sizeBytes,
    realtime: (view.u16be(90) & REALTIME) !== 0,
    format,
    extentsCount: wide ? view.u64be(24) : view.u32be(76),
    fork: view.sub(core, forkBytes),
  };
}

function checkIdentity(
  view: View,
  number: number,
  { metaUuid }: Superblock,
  wrong: (what: string) => Error,
): void {
  if (!checksumMatches(view.bytes, CRC_OFFSET)) throw wrong("checksum does not match");
  if (view.u64be(152) !== number) throw wrong(`says that it is inode ${view.u64be(152)}`);
  if (view.uuid(160) !== metaUuid) throw wrong("belongs to another file system");
}
