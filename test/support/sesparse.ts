// Source: QEMU block/vmdk.c, which reads the format: nothing but ESXi writes it.

const SECTOR = 512;
const GRAIN = 4096;
const TABLE = 32_768;
const TABLE_ENTRIES = 4096;

export type SesparseGrain = "unmapped" | "zero" | Uint8Array;

export interface CraftedSesparse {
  readonly bytes: Uint8Array;
  readonly directory: number;
  readonly tables: number;
}

/** An extent of `sizeBytes` with these grains, by number; tables and grains lie in the reverse order. */
export function craftSesparse(sizeBytes: number, guest: ReadonlyMap<number, SesparseGrain>): CraftedSesparse {
  const numbers = [
    ...new Set([...guest.keys()].map((index) => Math.floor(index / TABLE_ENTRIES))),
  ].toReversed();
  const stored = [...guest].filter(([, one]) => typeof one !== "string").toReversed();
  const directory = 3 * SECTOR;
  const directoryBytes = Math.ceil((Math.ceil(sizeBytes / GRAIN / TABLE_ENTRIES) * 8) / SECTOR) * SECTOR;
  const tables = directory + directoryBytes;
  const grains = tables + (numbers.length + 1) * TABLE;
  const bytes = new Uint8Array(grains + (stored.length + 5) * GRAIN);
  const view = new DataView(bytes.buffer);
  const set = (at: number, value: number | bigint): void => view.setBigUint64(at, BigInt(value), true);
  const header: readonly (readonly [number, number | bigint])[] = [
    [0, 0xcafebabe],
    [8, 0x200000001n],
    [16, sizeBytes / SECTOR],
    [24, GRAIN / SECTOR],
    [32, TABLE / SECTOR],
    [80, 1],
    [88, 1],
    [128, directory / SECTOR],
    [136, directoryBytes / SECTOR],
    [144, tables / SECTOR],
    [152, numbers.length * (TABLE / SECTOR)],
    [192, grains / SECTOR],
    [200, (stored.length + 5) * (GRAIN / SECTOR)],
    [SECTOR, 0xcafecafe],
  ];
  for (const [at, value] of header) set(at, value);
  for (const [place, number] of numbers.entries())
    set(directory + number * 8, 0x1000000000000000n | BigInt(place + 1));
  for (const [index, one] of guest) {
    const place = numbers.indexOf(Math.floor(index / TABLE_ENTRIES)) + 1;
    const entry = tables + place * TABLE + (index % TABLE_ENTRIES) * 8;
    if (one === "unmapped") set(entry, 1n << 60n);
    else if (one === "zero") set(entry, 2n << 60n);
    else {
      const number = stored.findIndex(([other]) => other === index) + 5;
      bytes.set(one, grains + number * GRAIN);
      set(entry, (3n << 60n) | (BigInt(number & 0xfff) << 48n) | BigInt(number >> 12));
    }
  }
  return { bytes, directory, tables };
}
