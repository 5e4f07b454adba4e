/** What a crafted member of a Linux software RAID says; the rest is as mdadm writes it. */
export interface CraftedMember {
  readonly version: "0.90" | "1.0" | "1.1" | "1.2";
  readonly level?: number;
  readonly events?: number;
  readonly role?: number;
  readonly features?: number;
  /** 0.90: the state bits of `this_disk`; 6 is active and in sync. */
  readonly state?: number;
}

const MAGIC = 0xa92b4efc;
const DATA_AT = 1 << 20;

/** A member with `data` in it. Source: Linux include/uapi/linux/raid/md_p.h. */
export function craftMember(data: Uint8Array, member: CraftedMember): Uint8Array<ArrayBuffer> {
  const front = member.version === "1.1" || member.version === "1.2";
  const offset = front ? DATA_AT : 0;
  const bytes = new Uint8Array(offset + data.length + (front ? 0 : 128 << 10));
  bytes.set(data, offset);
  const at = {
    "1.1": 0,
    "1.2": 4096,
    "1.0": bytes.length - 8192,
    "0.90": bytes.length - (64 << 10),
  }[member.version];
  const superblock = Buffer.from(bytes.buffer, at, 4096);
  if (member.version === "0.90") write090(superblock, data.length, member);
  else write1(superblock, data.length, offset, at, member);
  return bytes;
}

function write1(sb: Buffer, size: number, offset: number, at: number, member: CraftedMember): void {
  sb.writeUInt32LE(MAGIC, 0);
  sb.writeUInt32LE(1, 4);
  sb.writeUInt32LE(member.features ?? 0, 8);
  sb.write("0123456789abcdef", 16, "latin1");
  sb.write("host:7", 32, "latin1");
  sb.writeInt32LE(member.level ?? 1, 72);
  sb.writeBigUInt64LE(BigInt(size / 512), 80);
  sb.writeUInt32LE(2, 92);
  sb.writeBigUInt64LE(BigInt(offset / 512), 128);
  sb.writeBigUInt64LE(BigInt(size / 512), 136);
  sb.writeBigUInt64LE(BigInt(at / 512), 144);
  sb.write("device uuid 16 b", 168, "latin1");
  sb.writeBigUInt64LE(BigInt(member.events ?? 20), 200);
  sb.writeBigUInt64LE(2n ** 64n - 1n, 208);
  sb.writeUInt32LE(2, 220);
  sb.writeUInt16LE(member.role ?? 0, 256);
  sb.writeUInt16LE(1, 258);
  sb.writeUInt32LE(folded(sb, 260), 216);
}

function write090(sb: Buffer, size: number, member: CraftedMember): void {
  for (const [at, value] of [
    [0, MAGIC],
    [8, 90],
    [20, 0x11111111],
    [28, member.level ?? 1],
    [32, size / 1024],
    [36, 2],
    [40, 2],
    [44, 3],
    [52, 0x22222222],
    [56, 0x33333333],
    [60, 0x44444444],
    [132, 1],
    [136, 2],
    [140, 2],
    [156, member.events ?? 20],
    [992 * 4 + 16, member.state ?? 6],
  ] as const)
    sb.writeUInt32LE(value, at);
  sb.writeUInt32LE(folded(sb, 4096), 152);
}

/** Puts the checksums right again of whatever superblocks are still there. */
export function sealMember(bytes: Uint8Array): void {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (const at of [0, 4096, all.length - 8192, all.length - (64 << 10)]) {
    if (at < 0 || at + 4096 > all.length || all.readUInt32LE(at) !== MAGIC) continue;
    const superblock = all.subarray(at, at + 4096);
    const [sumAt, length] =
      superblock.readUInt32LE(4) === 1
        ? [216, Math.min(4096, 256 + 2 * superblock.readUInt32LE(220))]
        : [152, 4096];
    superblock.writeUInt32LE(0, sumAt);
    superblock.writeUInt32LE(folded(superblock, length - (length % 4)), sumAt);
  }
}

function folded(sb: Buffer, bytes: number): number {
  let sum = 0n;
  for (let at = 0; at < bytes; at += 4) sum += BigInt(sb.readUInt32LE(at));
  return Number(((sum & 0xffffffffn) + (sum >> 32n)) & 0xffffffffn);
}
