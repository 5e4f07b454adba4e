import { corrupt } from "../../../errors.ts";
import type { ByteSource } from "../../bytes/byte-source.ts";
import { View } from "../../bytes/view.ts";
import { checksumHolds, type Footer } from "./footer.ts";

// Source: Microsoft, Virtual Hard Disk Image Format Specification 1.0, section "Dynamic Disk Header Format".

const HEADER_MAGIC = "cxsparse";
const HEADER_BYTES = 1024;
const CHECKSUM_OFFSET = 36;
const ENTRY = 4;
const BLOCK_BYTES_MAX = 256 << 20;
const NAME_OFFSET = 64;
const NAME_BYTES = 512;

export interface DynamicHeader {
  readonly tableOffset: number;
  readonly blockBytes: number;
  /** Bytes of sector bitmap in front of every block, in whole sectors. */
  readonly bitmapBytes: number;
  /** Of a differencing disk. */
  readonly parentUuid: string;
  readonly parentName: string;
}

/** Reads and checks the header that dynamic and differencing disks have. */
export async function readDynamicHeader(
  source: ByteSource,
  footer: Footer,
  label: string,
): Promise<DynamicHeader> {
  const at = footer.headerOffset;
  if (at + HEADER_BYTES > source.size)
    throw corrupt(label, `dynamic header lies outside the file of ${source.size} bytes`, at);
  const view = new View(await source.read(at, HEADER_BYTES), label, at);
  if (!view.is(0, HEADER_MAGIC)) throw corrupt(label, "no dynamic header", at);
  if (!checksumHolds(view, CHECKSUM_OFFSET))
    throw corrupt(label, "checksum of the dynamic header does not match", at + CHECKSUM_OFFSET);
  const blockBytes = view.u32be(32);
  if (blockBytes < 512 || blockBytes > BLOCK_BYTES_MAX || !Number.isInteger(Math.log2(blockBytes)))
    throw corrupt(label, `blocks of ${blockBytes} bytes are impossible`, at + 32);
  const entries = view.u32be(28);
  if (Math.ceil(footer.sizeBytes / blockBytes) > entries)
    throw corrupt(label, `${entries} blocks are too few for ${footer.sizeBytes} bytes`, at + 28);
  const tableOffset = view.u64be(16);
  if (tableOffset + entries * ENTRY > source.size)
    throw corrupt(
      label,
      `block table lies outside the file of ${source.size} bytes: is the file complete?`,
      at + 16,
    );
  return {
    tableOffset,
    blockBytes,
    bitmapBytes: Math.ceil(blockBytes / 512 / 8 / 512) * 512,
    parentUuid: view.uuid(40),
    parentName: utf16be(view.slice(NAME_OFFSET, NAME_BYTES)),
  };
}

function utf16be(bytes: Uint8Array): string {
  const text = new TextDecoder("utf-16be").decode(bytes);
  const end = text.indexOf("\0");
  return end < 0 ? text : text.slice(0, end);
}
