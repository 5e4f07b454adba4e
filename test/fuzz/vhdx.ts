import { memorySource } from "../../src/disk/bytes/byte-source.ts";
import { vhdx } from "../../src/disk/containers/vhdx/vhdx.ts";
import { isReadError } from "../../src/errors.ts";
import { readDisk } from "../support/read-disk.ts";
import { pattern } from "../support/sources.ts";
import { BAT, craftVhdx, LOG, logEntry, METADATA, sealVhdx, writeLog } from "../support/vhdx.ts";
import type { FuzzTarget } from "./target.ts";

const KIB = 1024;
const MIB = 1 << 20;
const GUID = "12345678-9abc-def0-1234-56789abcdef0";
const LINKAGE = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee";
const BLOCK = pattern(MIB);
const ENTRY_BYTES = 3 * 4096;
const BASE = craftVhdx([{ bytes: BLOCK }], { dataWriteGuid: LINKAGE }).bytes;

/** The same bytes with checksums that match again, so that what they guard is reached. */
function sealed(mutant: Uint8Array): Uint8Array {
  const bytes = mutant.slice();
  if (bytes.length < 2 * MIB) return bytes;
  for (const at of [64 * KIB, 128 * KIB]) sealVhdx(bytes, at, 4096);
  for (const at of [192 * KIB, 256 * KIB]) sealVhdx(bytes, at, 64 * KIB);
  if (Buffer.from(bytes.subarray(LOG, LOG + 4)).toString("latin1") === "loge")
    sealVhdx(bytes, LOG, ENTRY_BYTES);
  return bytes;
}

function dirty(): Uint8Array {
  const { bytes } = craftVhdx([{ bytes: BLOCK }, 0], { logGuid: GUID });
  const writes = [
    { offset: BAT, bytes: bytes.slice(BAT, BAT + 4096) },
    { offset: 4 * MIB + 8192, zeros: 8192 },
    { offset: 4 * MIB, bytes: BLOCK.subarray(77, 77 + 4096) },
  ];
  writeLog(bytes, 0, [logEntry({ guid: GUID, sequence: 3n, tail: 0, writes, fileBytes: bytes.length })]);
  return bytes;
}

export const target: FuzzTarget = {
  name: "vhdx",
  needs: [],
  async seeds() {
    const tables = [
      [64 * KIB, 64 * KIB + 80],
      [128 * KIB, 128 * KIB + 80],
      [192 * KIB, 192 * KIB + 80],
      [METADATA, METADATA + 224],
      [METADATA + 64 * KIB, METADATA + 64 * KIB + 40],
      [BAT, BAT + 24],
    ] as const;
    const half = { bytes: BLOCK, written: (sector: number) => sector % 3 > 0 };
    const parent = { path: ".\\base", linkage: LINKAGE };
    return [
      { name: "dynamic", bytes: craftVhdx([{ bytes: BLOCK }, 0, 2]).bytes, hot: tables },
      {
        name: "differencing",
        bytes: craftVhdx([half, 0, { bytes: BLOCK }], { parent, sectorBytes: 4096 }).bytes,
        hot: [
          ...tables,
          [METADATA + 64 * KIB, METADATA + 64 * KIB + 300],
          [BAT + 256 * KIB, BAT + 256 * KIB + 8],
        ],
      },
      {
        name: "log to replay",
        bytes: dirty(),
        hot: [...tables, [LOG, LOG + 170], [LOG + 4096, LOG + ENTRY_BYTES]],
      },
    ];
  },
  async read(source) {
    const companions = { byName: new Map([["base", memorySource(BASE, "base")]]) };
    try {
      await readDisk((await vhdx.open(source, companions)).disk);
    } catch (error) {
      if (!isReadError(error)) throw error;
    }
    const bytes = sealed(await source.read(0, source.size));
    await readDisk((await vhdx.open(memorySource(bytes, source.label), companions)).disk);
  },
};
