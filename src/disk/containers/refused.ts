import type { ByteSource } from "../bytes/byte-source.ts";
import { cached } from "../bytes/cached.ts";
import { firstRecognised, has, peek, type Recognised, type Signature } from "../bytes/signature.ts";
import { View } from "../bytes/view.ts";

// Source: the formats' own specifications, and file(1)'s magic for names.

const CONVERT = "convert it with qemu-img convert -O qcow2 and scan the result";

/** `offset` from the end of the file when negative. */
function file(name: string, offset: number, magic: string, what: string, advice: string): Signature {
  return {
    name,
    reason: `${what}: ${advice}`,
    holdsFiles: true,
    probe: (source) => has(source, offset < 0 ? source.size + offset : offset, magic),
  };
}

function packed(name: string, magic: string, tool: string): Signature {
  return file(name, 0, magic, `compressed with ${name}`, `unpack it (${tool}) and scan the result`);
}

function wim(magic: string): Signature {
  const advice =
    "it can hold several: see wiminfo, apply one (wimapply FILE INDEX FOLDER) and scan the folder";
  return file("wim", 0, magic, "Windows imaging file (WIM, ESD, SWM)", advice);
}

/** Files that hold a disk, or hold a file that holds one, and that no container reader opens. */
export const REFUSED: readonly Signature[] = [
  packed("gzip", "\x1f\x8b\x08", "gunzip"),
  packed("xz", "\xfd7zXZ\0", "unxz"),
  packed("zstd", "\x28\xb5\x2f\xfd", "unzstd"),
  packed("bzip2", "BZh", "bunzip2"),
  packed("lz4", "\x04\x22\x4d\x18", "unlz4"),
  packed("lzop", "\x89LZO\0\r\n\x1a\n", "lzop -d"),
  packed("compress", "\x1f\x9d", "uncompress"),
  packed("lzip", "LZIP", "lunzip"),
  packed("zip", "PK\x03\x04", "unzip"),
  packed("7-zip", "7z\xbc\xaf\x27\x1c", "7z x"),
  file("tar", 257, "ustar", "tar archive or OVA", "unpack it (tar -xf) and scan the disk image in it"),
  file("parallels", 0, "WithoutFreeSpace", "Parallels disk image", CONVERT),
  file("parallels", 0, "WithouFreSpacExt", "Parallels disk image", CONVERT),
  file(
    "sesparse",
    0,
    "\xbe\xba\xfe\xca\0\0\0\0",
    "VMware space-efficient sparse extent (SESparse) without its descriptor",
    "scan the descriptor (the small .vmdk), --with this file and its parent disk",
  ),
  file("qed", 0, "QED\0", "QED disk image", CONVERT),
  file("dmg", -512, "koly", "Apple disk image", CONVERT),
  file(
    "ewf",
    0,
    "EVF\x09\x0d\x0a\xff\0",
    "Expert Witness image",
    "export it as raw (ewfexport) and scan that",
  ),
  file(
    "aff",
    0,
    "AFF10\r\n",
    "Advanced Forensic Format image",
    "export it as raw (affconvert) and scan that",
  ),
  file(
    "sparseimage",
    0,
    "sprs",
    "Apple sparse disk image",
    "convert it to raw (hdiutil convert) and scan that",
  ),
  file("bochs", 0, "Bochs Virtual HD Image", "Bochs disk image", CONVERT),
  file(
    "cloop",
    0,
    "#!/bin/sh\n#V2.0 Format",
    "cloop image",
    "extract it (extract_compressed_fs) and scan that",
  ),
  wim("MSWIM\0\0\0"),
  wim("WLPWM\0\0\0"), // wimlib's form for pipes
  file("android-sparse", 0, "\x3a\xff\x26\xed", "Android sparse image", "expand it (simg2img) and scan that"),
  {
    name: "lzma",
    reason: "compressed with lzma, the format before xz: unpack it (unlzma) and scan the result",
    holdsFiles: true,
    probe: isLzmaAlone,
  },
  {
    name: "iso9660",
    reason: "ISO 9660 image, an installer rather than a disk: scan the disk that it installs",
    holdsFiles: true,
    probe: isHybridIso,
  },
];

/** The most that xz takes a file of the old format to unpack to: 256 GiB. */
const LZMA_PLAIN_MAX = 1n << 38n;

/**
 * The format before xz has no magic number: like xz, a header is believed whose dictionary and size somebody would have
 * chosen, with the zero that all compressed data begin with behind it. Source: xz, liblzma/common/alone_decoder.c.
 */
async function isLzmaAlone(source: ByteSource): Promise<boolean> {
  const bytes = await peek(source, 0, 14);
  if (!bytes) return false;
  const view = new View(bytes, source.label);
  const dictionary = view.u32le(1);
  const lowest = dictionary & -dictionary;
  const chosen = dictionary === lowest >>> 0 || dictionary === (lowest >>> 0) * 3;
  const size = view.big64le(5);
  const plausible = size === (1n << 64n) - 1n || (size > 0n && size < LZMA_PLAIN_MAX);
  return view.u8(0) < 225 && dictionary >= 4096 && chosen && plausible && view.u8(13) === 0;
}

const PROTECTIVE = 0xee;

/**
 * An ISO that also carries a partition table, to be written to USB sticks; one without is recognised as a
 * volume. Most disks are told from one by the sector that everybody reads: only an ISO's first partition, in MBR
 * or GPT, begins at the latest with the ISO's own first descriptor, in sector 64.
 */
async function isHybridIso(source: ByteSource): Promise<boolean> {
  const bytes = await peek(source, 0, 2048);
  if (!bytes) return false;
  const front = new View(bytes, source.label);
  const first = { type: front.u8(450), sector: front.u32le(454), sectors: front.u32le(458) };
  const inMbr =
    front.is(510, "\x55\xaa") && first.type !== PROTECTIVE && first.sectors > 0 && first.sector <= 64;
  const inGpt = front.is(512, "EFI PART") && front.big64le(1024 + 32) > 0n && front.big64le(1024 + 32) <= 64n;
  return (inMbr || inGpt) && has(source, 32_769, "CD001");
}

/** What kind of file this is, when no container reader claims it. Reads the first 4 KiB and the last sector. */
export function recogniseRefused(source: ByteSource): Promise<Recognised | undefined> {
  return firstRecognised(REFUSED, cached(source, { blockBytes: 4096 }));
}
