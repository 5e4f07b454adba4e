import { corrupt, unsupported } from "../../../errors.ts";
import type { ByteSource } from "../../bytes/byte-source.ts";
import { peek } from "../../bytes/signature.ts";
import { slice } from "../../bytes/slice.ts";
import { View } from "../../bytes/view.ts";
import {
  MAGIC,
  type MdSuperblock,
  SUPERBLOCK_1_BYTES,
  SUPERBLOCK_090_BYTES,
  superblock1,
  superblock090,
} from "./superblock.ts";

// Source: Linux include/uapi/linux/raid/md_p.h, md(4). A RAID 1 member holds everything; of other levels one
// member holds a part that means nothing alone.

/** A member of a Linux software RAID 1, and the array as this member alone has it. */
export interface MdMember {
  readonly superblock: MdSuperblock;
  readonly data: ByteSource;
  /** What Linux may call the assembled array. */
  readonly devices: readonly string[];
  readonly note: string;
}

/** Where superblocks stand: `front` ones before the data, `tail` ones behind it. */
const FRONT = [
  { version: "1.1", offset: () => 0 },
  { version: "1.2", offset: () => 4096 },
] as const;
const TAIL = [
  { version: "1.0", offset: version10Offset },
  { version: "0.90", offset: version090Offset },
] as const;

function version10Offset(size: number): number {
  const sectors = Math.floor(size / 512);
  return (sectors - 16 - (sectors % 8)) * 512;
}

function version090Offset(size: number): number {
  return Math.floor(size / (64 << 10)) * (64 << 10) - (64 << 10);
}

/**
 * The RAID member in `source`, undefined when it is none. `where` says which superblocks to look for: those in
 * front are in what everybody reads, those behind cost two reads.
 * @throws unsupported for levels other than 1 and members without a usable copy; corrupt
 */
export async function openMember(source: ByteSource, where: "front" | "tail"): Promise<MdMember | undefined> {
  const places = where === "front" ? FRONT : TAIL;
  const superblocks = await Promise.all(
    places.map(({ version, offset }) => readSuperblock(source, version, offset(source.size))),
  );
  const superblock = superblocks.find((one) => one !== undefined);
  return superblock && memberOf(source, superblock);
}

async function readSuperblock(
  source: ByteSource,
  version: string,
  offset: number,
): Promise<MdSuperblock | undefined> {
  const head = await peek(source, offset, 8);
  if (!head) return undefined;
  const view = new View(head, source.label, offset);
  const old = version === "0.90";
  if (view.u32le(0) !== MAGIC) {
    if (old && view.u32be(0) === MAGIC)
      throw unsupported(source.label, "member of a Linux software RAID made by a big-endian machine", offset);
    return undefined;
  }
  if (view.u32le(4) !== (old ? 0 : 1)) return undefined;
  const length = Math.min(old ? SUPERBLOCK_090_BYTES : SUPERBLOCK_1_BYTES, source.size - offset);
  const whole = new View(await source.read(offset, length), source.label, offset);
  return old ? superblock090(whole) : superblock1(whole, version);
}

function memberOf(source: ByteSource, superblock: MdSuperblock): MdMember {
  const { level, version, unusable, dataOffset, dataSize } = superblock;
  const what = `member of a Linux software RAID (${nameOf(level)}, metadata ${version})`;
  if (level !== 1) throw unsupported(source.label, `${what}: scan the assembled device instead`);
  if (unusable !== undefined)
    throw unsupported(source.label, `${what}, whose copy is not used: ${unusable}; scan another member`);
  if (dataOffset >= source.size || dataSize === 0)
    throw corrupt(source.label, `${what}: its data lies outside the ${source.size} bytes that there are`);
  const size = Math.min(dataSize, source.size - dataOffset);
  return {
    superblock,
    data: slice(source, dataOffset, size, `${source.label} > md`),
    devices: devicesOf(superblock),
    note: `${what}: only this member was read`,
  };
}

function nameOf(level: number): string {
  if (level === -1) return "linear";
  return level === -4 ? "multipath" : `RAID ${level}`;
}

/** Source: mdadm's 63-md-raid-arrays.rules and mdadm.conf(5): an array's name is `homehost:name`. */
function devicesOf({ name, uuid, version }: MdSuperblock): readonly string[] {
  const short = name.slice(name.indexOf(":") + 1);
  const number = /^(?:md)?(\d+)$/.exec(short)?.[1];
  const plain = version === "0.90" ? uuid : uuid.replaceAll("-", "").replace(/(.{8})(?=.)/g, "$1:");
  return [
    ...(number === undefined ? [] : [`/dev/md${number}`, `/dev/md/${number}`]),
    ...(short === "" ? [] : [`/dev/md/${short}`, `/dev/disk/by-id/md-name-${name}`]),
    `/dev/disk/by-id/md-uuid-${plain}`,
  ];
}
