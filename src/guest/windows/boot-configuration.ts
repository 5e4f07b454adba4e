import { corrupt } from "../../errors.ts";
import { decodeData } from "../registry/decode.ts";
import type { Hive } from "../registry/hive.ts";
import type { RegistryKey } from "../registry/key.ts";
import { type BootDevice, decodeBootDevice } from "./boot-device.ts";

/** An entry of the boot menu that loads a Windows. */
export interface LoaderEntry {
  /** `{…}`, as `bcdedit` names it. */
  readonly id: string;
  readonly device: BootDevice;
  /** The loader's path on the device, empty when the entry has none: `\Windows\system32\winload.exe`. */
  readonly path: string;
  /** `\Windows`; empty when the entry has none. */
  readonly systemRoot: string;
}

const BOOT_MANAGER = "{9dea862c-5cdd-4e70-acc1-f32b344d4795}";
const OS_LOADER = 0x10200003;
const SEQUENCE_MAX = 16;

/** Source: Microsoft, BcdBootMgrElementTypes, BcdLibraryElementTypes and BcdOSLoaderElementTypes (bcd.h of the BCD WMI provider). */
const ELEMENT = {
  bootSequence: "24000002",
  defaultObject: "23000003",
  osDevice: "21000001",
  systemRoot: "22000002",
  path: "12000002",
} as const;

/**
 * What the boot manager starts next: what it is told to start once, and its default. Rejects with `corrupt` when the
 * hive names nothing, or nothing that loads a Windows.
 */
export async function nextLoaders({ root }: Hive, label: string): Promise<readonly LoaderEntry[]> {
  const objects = await root.subkey("Objects");
  const manager = await objects?.subkey(BOOT_MANAGER);
  if (!objects || !manager) throw corrupt(label, "boot configuration without a boot manager");
  const [once, always] = await Promise.all([
    listOf(manager, ELEMENT.bootSequence),
    textOf(manager, ELEMENT.defaultObject),
  ]);
  if (always === "") throw corrupt(label, "boot configuration without a default entry");
  const ids = [...new Set([...once.slice(0, SEQUENCE_MAX), always].map((id) => id.toLowerCase()))];
  return Promise.all(ids.map((id) => loaderOf(objects, id, label)));
}

async function loaderOf(objects: RegistryKey, id: string, label: string): Promise<LoaderEntry> {
  const object = await objects.subkey(id);
  if (!object) throw corrupt(label, `boot configuration lacks its entry ${id}`);
  const description = await object.subkey("Description");
  const type = await description?.value("Type");
  const told = type && decodeData(type.type, await type.data());
  if (told?.kind !== "number" || told.value !== OS_LOADER)
    throw corrupt(label, `boot entry ${id} loads no Windows`);
  const [device, path, systemRoot] = await Promise.all([
    elementOf(object, ELEMENT.osDevice),
    textOf(object, ELEMENT.path),
    textOf(object, ELEMENT.systemRoot),
  ]);
  if (!device) throw corrupt(label, `boot entry ${id} does not say where its Windows lies`);
  return { id, device: decodeBootDevice(device.data, label), path, systemRoot };
}

async function elementOf(
  object: RegistryKey,
  element: string,
): Promise<{ readonly type: number; readonly data: Uint8Array } | undefined> {
  const value = await (await object.find(`Elements\\${element}`))?.value("Element");
  return value && { type: value.type, data: await value.data() };
}

async function textOf(object: RegistryKey, element: string): Promise<string> {
  const found = await elementOf(object, element);
  const decoded = found && decodeData(found.type, found.data);
  return decoded?.kind === "text" ? decoded.value : "";
}

async function listOf(object: RegistryKey, element: string): Promise<readonly string[]> {
  const found = await elementOf(object, element);
  const decoded = found && decodeData(found.type, found.data);
  return decoded?.kind === "list" ? decoded.value : [];
}
