import { corrupt, limitReached } from "../../../errors.ts";
import type { Placed } from "../../bytes/assembled.ts";
import type { ByteSource } from "../../bytes/byte-source.ts";
import { decodeName } from "../../bytes/names.ts";
import { peek } from "../../bytes/signature.ts";
import { View } from "../../bytes/view.ts";
import { BLOCK, isEnd, isHeader, parseHeader, type TarHeader } from "./header.ts";
import { type PaxRecord, paxNumber, paxRecords } from "./pax.ts";
import { oldGnuMap, pax10Map, paxMap, sparseExtents } from "./sparse.ts";
import { windowed } from "./windowed.ts";

// Source: POSIX.1-2017 pax; GNU tar manual, "Tar Internals". Read by random access: data is skipped, not read.

/** One member of an archive, with everything that PAX and GNU headers say applied. */
export interface TarEntry {
  /** As stored: it may be absolute or hold `..`. */
  readonly path: string;
  readonly linkPath: string;
  /** As in {@link TarHeader}. */
  readonly type: string;
  readonly mode: number;
  readonly uid: number;
  readonly size: number;
  /** Where the data lies in the archive. */
  readonly extents: readonly Placed[];
}

const ENTRIES_MAX = 300_000;
const NAMES_MAX_CHARS = 64 << 20;
const EXTENSION_MAX_BYTES = 1 << 20;
const PATH_MAX_CHARS = 16 << 10;

/** True when the source begins with a tar header. */
export async function isTar(source: ByteSource): Promise<boolean> {
  const bytes = await peek(source, 0, BLOCK);
  return bytes !== undefined && isHeader(new View(bytes, source.label));
}

/** What extension headers say about the entry that follows them. */
interface Extensions {
  path?: string;
  linkPath?: string;
  pax: readonly PaxRecord[];
}

/** Every member in order. @throws corrupt, limit */
export async function* tarEntries(archive: ByteSource): AsyncGenerator<TarEntry> {
  const source = windowed(archive);
  const { label } = source;
  let global: readonly PaxRecord[] = [];
  let next: Extensions = { pax: [] };
  let entries = 0;
  let chars = 0;
  for (let at = 0; at + BLOCK <= source.size; ) {
    const block = new View(await source.read(at, BLOCK), label, at);
    if (isEnd(block)) return;
    const header = parseHeader(block);
    const dataAt = at + BLOCK;
    if ("xgXLK".includes(header.type)) {
      const data = await extensionData(source, header, dataAt);
      if (header.type === "g") global = [...global, ...paxRecords(data)].slice(-1000);
      else if (header.type === "L") next.path = untilNul(data);
      else if (header.type === "K") next.linkPath = untilNul(data);
      else next.pax = paxRecords(data);
      at = dataAt + padded(header.size);
    } else {
      const { entry, end } = await entryOf(archive, source, block, header, {
        ...next,
        pax: [...global, ...next.pax],
      });
      chars += entry.path.length + entry.linkPath.length;
      if (++entries > ENTRIES_MAX || chars > NAMES_MAX_CHARS)
        throw limitReached(
          label,
          `archive of more than ${ENTRIES_MAX} members or ${NAMES_MAX_CHARS} characters`,
        );
      if (entry.path.length > PATH_MAX_CHARS) throw limitReached(label, "member with a name too long", at);
      yield entry;
      next = { pax: [] };
      at = end;
    }
    if (at > source.size) throw corrupt(label, "archive ends in the middle of a member", source.size);
  }
}

async function entryOf(
  archive: ByteSource,
  source: ByteSource,
  block: View,
  header: TarHeader,
  extensions: Extensions,
): Promise<{ readonly entry: TarEntry; readonly end: number }> {
  const { label } = source;
  const { pax } = extensions;
  const value = (keyword: string): string | undefined =>
    pax.findLast(([key, text]) => key === keyword && text !== "")?.[1];
  const sizeText = value("size");
  const packed = hasData(header.type)
    ? sizeText === undefined
      ? header.size
      : paxNumber(sizeText, label)
    : 0;
  let dataAt = block.base + BLOCK;
  let end = dataAt + padded(packed);
  let size = packed;
  let pieces = paxMap(pax, label);
  const realSize = value("GNU.sparse.realsize") ?? value("GNU.sparse.size");
  if (header.type === "S") {
    const map = await oldGnuMap(block, source, dataAt);
    end = map.dataAt + padded(packed);
    ({ pieces, dataAt, realSize: size } = map);
  } else if (value("GNU.sparse.major") === "1") {
    const map = await pax10Map(source, dataAt, packed);
    ({ pieces, dataAt } = map);
  }
  if (pieces && realSize !== undefined && header.type !== "S") size = paxNumber(realSize, label);
  const plain: Placed = {
    start: 0,
    length: size,
    parts: [{ source: archive, offset: dataAt }],
  };
  const extents = pieces
    ? sparseExtents(archive, pieces, { size, dataAt, packed: end - dataAt })
    : size > 0
      ? [plain]
      : [];
  const uid = value("uid");
  const entry: TarEntry = {
    path: value("GNU.sparse.name") ?? value("path") ?? extensions.path ?? header.path,
    linkPath: value("linkpath") ?? extensions.linkPath ?? header.linkPath,
    type: header.type,
    mode: header.mode,
    uid: uid === undefined ? header.uid : paxNumber(uid, label),
    size,
    extents,
  };
  return { entry, end };
}

/** Links, devices and directories have no data, whatever their size field says. */
function hasData(type: string): boolean {
  return !"123456".includes(type);
}

async function extensionData(source: ByteSource, header: TarHeader, at: number): Promise<View> {
  if (header.size > EXTENSION_MAX_BYTES)
    throw limitReached(source.label, `extension header of ${header.size} bytes`, at);
  return new View(await source.read(at, header.size), source.label, at);
}

function untilNul(data: View): string {
  const end = data.bytes.indexOf(0);
  return decodeName(end < 0 ? data.bytes : data.bytes.subarray(0, end));
}

function padded(bytes: number): number {
  return Math.ceil(bytes / BLOCK) * BLOCK;
}
