import type { ByteSource } from "../bytes/byte-source.ts";
import { has, peek, type Signature } from "../bytes/signature.ts";
import { View } from "../bytes/view.ts";

// Source: util-linux libblkid/src/superblocks/*.c for offsets and names, and the formats' own specifications.

const KIB = 1024;
const MIB = KIB * KIB;

/** One row of the tables below: any of `magics` (`[offset, Latin-1 text]`) gives it away. */
type Magics = readonly (readonly [offset: number, magic: string])[];

function volume(name: string, magics: Magics, reason: string): Signature {
  return { name, reason, holdsFiles: true, probe: (source) => hasAny(source, magics) };
}

function nothing(name: string, magics: Magics, reason: string): Signature {
  return { name, reason, holdsFiles: false, probe: (source) => hasAny(source, magics) };
}

async function hasAny(source: ByteSource, magics: Magics): Promise<boolean> {
  const answers = await Promise.all(magics.map(([offset, magic]) => has(source, offset, magic)));
  return answers.includes(true);
}

function fileSystem(name: string, magics: Magics): Signature {
  return volume(name, magics, `${name} file system: sixray recognises it and does not read it`);
}

const ENCRYPTED = "unlock it on a machine that has the key and scan the opened volume";
const ASSEMBLE = "scan the assembled device instead of one of its members";

/** Source: DRBD drbd_int.h, DRBD_MD_MAGIC_07 to _09; blkid looks for them at the same place. */
const DRBD_MAGIC_07 = 0x8374026a;
const DRBD_MAGIC_09 = 0x8374026d;

/**
 * What a file system that shows in the same place is but a leftover under: blkid looks no further either. All of it
 * shows in the first 4,608 bytes, which every probe reads.
 */
export const OUTER: readonly Signature[] = [
  volume("crypto_LUKS", [[0, "LUKS\xba\xbe\0\x01"]], `encrypted with LUKS1: ${ENCRYPTED} (cryptsetup open)`),
  volume("crypto_LUKS", [[0, "LUKS\xba\xbe\0\x02"]], `encrypted with LUKS2: ${ENCRYPTED} (cryptsetup open)`),
  volume("BitLocker", [[3, "-FVE-FS-"]], `encrypted with BitLocker: ${ENCRYPTED}`),
  volume(
    "bcache",
    [[4096 + 24, "\xc6\x85\x73\xf6\x4e\x1a\x45\xca\x82\x65\xf5\x7f\x48\xba\x6d\x81"]],
    "member of a bcache device: scan the assembled device, or the disk before it was given to bcache",
  ),
  volume("stratis", [[512 + 4, "!Stra0tis\x86\xff\x02^\x41rh"]], `member of a Stratis pool: ${ASSEMBLE}`),
  volume("vdo", [[0, "dmvdo001"]], "VDO device (deduplicated blocks): scan the device on top of it"),
  volume(
    "DM_integrity",
    [[0, "integrt\0"]],
    "dm-integrity device: scan the opened volume (integritysetup open)",
  ),
];

/** What shows itself in the first 8 KiB, which whoever looked for a file system has read already. */
export const NEAR: readonly Signature[] = [
  ...OUTER,
  volume(
    "LVM2_member",
    [0, 512, 1024, 1536].map((offset) => [offset, "LABELONE"] as const),
    "LVM2 physical volume whose label is damaged: its logical volumes cannot be found",
  ),
  fileSystem("bcachefs", [[4096 + 24, "\xc6\x85\x73\xf6\x66\xce\x90\xa9\xd9\x6a\x60\xcf\x80\x3d\xf7\xef"]]),
  nothing(
    "DM_verity_hash",
    [[0, "verity\0\0\x01\0\0\0"]],
    "hashes that dm-verity checks another volume with",
  ),
  nothing("swap", [4086, 8182].flatMap(swapAt), "swap space"),
  nothing("swsuspend", hibernation(4086), "swap space with a hibernated system"),
  fileSystem("apfs", [[32, "NXSB"]]),
  fileSystem("hfsplus", [
    [1024, "H+\0\x04"],
    [1024, "HX\0\x05"],
  ]),
  fileSystem("ReFS", [[0, "\0\0\0ReFS\0"]]),
  fileSystem("f2fs", [[1024, "\x10\x20\xf5\xf2"]]),
  fileSystem("nilfs2", [[1024, "\x02\0\0\0\0\0\x34\x34"]]),
];

const OPTICAL =
  "an installer (ISO 9660, UDF), no disk: scan the disk that it installs; of Windows, apply its sources/install.wim";
const VMFS_REASON = "VMware datastore: scan the disk of a machine that lies in it";
/** Where a ZFS label's list of pairs, 16 KiB into the label, names its first one. */
const ZFS_VERSION = 16 * KIB + 24;

/** What has to be looked for elsewhere. */
export const FAR: readonly Signature[] = [
  nothing(
    "swap",
    [16, 64].flatMap((pageKib) => swapAt(pageKib * KIB - 10)),
    "swap space",
  ),
  fileSystem("ufs", [8 * KIB, 64 * KIB].flatMap(ufsAt)),
  fileSystem("jfs", [[32 * KIB, "JFS1"]]),
  fileSystem(
    "reiserfs",
    [8, 64].flatMap((kib) => reiserAt(kib * KIB + 52)),
  ),
  fileSystem("reiser4", [[64 * KIB, "ReIsEr4"]]),
  fileSystem("gfs2", [[64 * KIB, "\x01\x16\x19\x70"]]),
  volume("iso9660", [[32 * KIB + 1, "CD001"]], OPTICAL),
  volume("udf", [[32 * KIB + 1, "BEA01"]], OPTICAL),
  volume("VMFS_volume_member", [[MIB, "\x0d\xd0\x01\xc0"]], VMFS_REASON),
  volume("VMFS", [[2 * MIB, "\x5e\xf1\xab\x2f"]], VMFS_REASON),
  {
    name: "zfs_member",
    reason: "member of a ZFS pool, which sixray does not read: scan a copy of its files (a folder)",
    holdsFiles: true,
    async probe(source) {
      const end = source.size - (source.size % (256 * KIB));
      const labels = [0, end - 512 * KIB].map((label) => has(source, label + ZFS_VERSION, "version\0"));
      return (await Promise.all(labels)).includes(true);
    },
  },
  {
    name: "drbd",
    reason: `member of a DRBD device: ${ASSEMBLE}`,
    holdsFiles: true,
    async probe(source) {
      const bytes = await peek(source, source.size - (source.size % 4096) - 4096 + 60, 4);
      const magic = bytes ? new View(bytes, source.label).u32be(0) : 0;
      return magic >= DRBD_MAGIC_07 && magic <= DRBD_MAGIC_09;
    },
  },
];

function swapAt(offset: number): Magics {
  return [
    [offset, "SWAPSPACE2"],
    [offset, "SWAP-SPACE"],
  ];
}

function hibernation(offset: number): Magics {
  return ["S1SUSPEND", "S2SUSPEND", "ULSUSPEND", "LINHIB0001"].map((magic) => [offset, magic] as const);
}

/** UFS1 and UFS2, little- and big-endian; the magic number is at 1372 of the superblock. */
function ufsAt(superblock: number): Magics {
  return ["\x54\x19\x01\0", "\0\x01\x19\x54", "\x19\x01\x54\x19", "\x19\x54\x01\x19"].map(
    (magic) => [superblock + 1372, magic] as const,
  );
}

function reiserAt(offset: number): Magics {
  return ["ReIsErFs", "ReIsEr2Fs", "ReIsEr3Fs"].map((magic) => [offset, magic] as const);
}
