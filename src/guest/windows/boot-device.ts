import { View } from "../../disk/bytes/view.ts";

/** Where a boot configuration says that something lies. */
export type BootDevice =
  | { readonly kind: "gpt"; readonly diskId: string; readonly uuid: string }
  | { readonly kind: "mbr"; readonly diskId: string; readonly startBytes: number }
  /** The volume that the boot manager itself was loaded from. */
  | { readonly kind: "boot" }
  /** The first volume that holds the file: how sysprep leaves an image. */
  | { readonly kind: "locate" }
  | { readonly kind: "other"; readonly what: string };

const OPTIONS_BYTES = 16; // the object with further options, a GUID
const DEVICE = { boot: 5, partition: 6, locate: 8 } as const;
const LOCAL = 0; // a partition's disk: real, no file in another volume and no RAM disk
const STYLE = { gpt: 0, mbr: 1 } as const;

const OTHERS: Readonly<Record<number, string>> = {
  0: "a disk image, RAM disk or whole disk",
  2: "a partition by its number",
  4: "a network",
};

/**
 * Decodes a device element of a boot configuration. Rejects with `corrupt` when it is too short.
 * Source: ReactOS boot/environ/include/bl.h, BL_DEVICE_DESCRIPTOR behind bcd.h's BCD_DEVICE_OPTION; checked against the
 * dumps of bcdedit's elements in "Devices Partition - Data" (mistyprojects.co.uk).
 */
export function decodeBootDevice(bytes: Uint8Array, label: string): BootDevice {
  const view = new View(bytes, label);
  const type = view.u32le(OPTIONS_BYTES);
  if (type === DEVICE.boot) return { kind: "boot" };
  if (type === DEVICE.locate) return { kind: "locate" };
  if (type !== DEVICE.partition)
    return { kind: "other", what: OTHERS[type] ?? `a device of unknown type ${type}` };
  if (view.u32le(48) !== LOCAL) return { kind: "other", what: "a partition inside a disk image or RAM disk" };
  const style = view.u32le(52);
  if (style === STYLE.gpt) return { kind: "gpt", diskId: view.guid(56), uuid: view.guid(32) };
  if (style === STYLE.mbr)
    return {
      kind: "mbr",
      diskId: view.u32le(56).toString(16).padStart(8, "0"),
      startBytes: view.u64le(32),
    };
  return { kind: "other", what: "a partition of a disk without a partition table" };
}
