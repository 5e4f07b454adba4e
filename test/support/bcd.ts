import type { HiveTree } from "./hive.ts";

/** Builds boot configurations of Windows (the content of a BCD hive), for tests of what reads them. */
export interface BootEntry {
  readonly device: Uint8Array;
  readonly path?: string;
  readonly systemRoot?: string;
  /** Default: an entry that loads a Windows. */
  readonly type?: number;
}

export const BOOT_MANAGER = "{9dea862c-5cdd-4e70-acc1-f32b344d4795}";

/** `entries` by their GUID in braces; `once` is started before the default, one time. */
export function bootConfiguration(
  entries: Readonly<Record<string, BootEntry>>,
  { start, once }: { readonly start?: string; readonly once?: readonly string[] } = {},
): HiveTree {
  const objects = Object.entries(entries).map(([id, one]): [string, HiveTree] => [
    id,
    {
      keys: {
        Description: { values: { Type: one.type ?? 0x10200003 } },
        Elements: {
          keys: {
            "12000002": { values: { Element: one.path ?? "\\Windows\\system32\\winload.efi" } },
            "21000001": { values: { Element: { type: 3, data: one.device } } },
            "22000002": { values: { Element: one.systemRoot ?? "\\Windows" } },
          },
        },
      },
    },
  ]);
  const manager: HiveTree = {
    keys: {
      Description: { values: { Type: 0x10100002 } },
      Elements: {
        keys: {
          ...(start === undefined ? {} : { "23000003": { values: { Element: start } } }),
          ...(once === undefined ? {} : { "24000002": { values: { Element: once } } }),
        },
      },
    },
  };
  return { keys: { Objects: { keys: { [BOOT_MANAGER]: manager, ...Object.fromEntries(objects) } } } };
}

/** The device of a GPT partition, by the GUIDs of disk and partition. */
export function gptDevice(disk: string, partition: string): Uint8Array {
  const bytes = descriptor(6);
  bytes.set(guidBytes(partition), 32);
  bytes.set(guidBytes(disk), 56);
  return bytes;
}

/** The device of an MBR partition, by the disk's signature (eight hex digits) and where the partition begins. */
export function mbrDevice(signature: string, startBytes: number): Uint8Array {
  const bytes = descriptor(6);
  bytes.writeBigUInt64LE(BigInt(startBytes), 32);
  bytes.writeUInt32LE(1, 52);
  bytes.writeUInt32LE(Number.parseInt(signature, 16), 56);
  return bytes;
}

/** 5: the volume the boot manager came from; 8: the first with the file in it. */
export function descriptor(type: number): Buffer {
  const bytes = Buffer.alloc(88);
  bytes.writeUInt32LE(type, 16);
  bytes.writeUInt32LE(0x48, 24);
  return bytes;
}

function guidBytes(guid: string): Buffer {
  const bytes = Buffer.from(guid.replaceAll("-", ""), "hex");
  bytes.subarray(0, 4).reverse();
  bytes.subarray(4, 6).reverse();
  bytes.subarray(6, 8).reverse();
  return bytes;
}
