import { joinPath } from "../../disk/filesystems/path.ts";
import type { Tree } from "../../disk/filesystems/tree.ts";
import { isReadError, ScanError } from "../../errors.ts";
import { type Hive, openHive } from "../registry/hive.ts";
import type { RegistryKey } from "../registry/key.ts";

const CONFIG = "/Windows/System32/config";
const LOGS = [".LOG1", ".LOG2", ".LOG"];
/** Hives below HKEY_LOCAL_MACHINE, by the name of their file. */
export const HIVES = [
  "SYSTEM",
  "SOFTWARE",
  "SAM",
  "SECURITY",
  "COMPONENTS",
  "DRIVERS",
  "BCD00000000",
] as const;
/** The boot configuration lies in a volume of its own: an ESP, or the one that a BIOS starts from. */
export const BCD_PATHS = { uefi: "/EFI/Microsoft/Boot/BCD", bios: "/Boot/BCD" } as const;

/** A hive of a machine, or why there is none. */
export type OpenedHive =
  | { readonly state: "found"; readonly hive: Hive; readonly locator: string }
  | { readonly state: "absent"; readonly locator: string }
  | {
      readonly state: "unreadable";
      readonly error: ScanError;
      readonly reason: string;
      readonly locator: string;
    };

export type HiveFile = (typeof HIVES)[number];

/** Opens a hive of the machine, with its logs when it is dirty. */
export async function hiveOf(tree: Tree, name: HiveFile): Promise<OpenedHive> {
  if (name !== "BCD00000000") return hiveAt(tree, joinPath(CONFIG, name));
  const uefi = await hiveAt(tree, BCD_PATHS.uefi);
  return uefi.state === "absent" ? hiveAt(tree, BCD_PATHS.bios) : uefi;
}

/** The same for a hive by its path. */
export async function hiveAt(tree: Tree, path: string): Promise<OpenedHive> {
  const located = await tree.resolve(path);
  const { locator } = located;
  if (located.state === "absent") return { state: "absent", locator };
  try {
    if (located.state === "unreadable") throw located.error;
    const hive = await openHive(await located.node.content(), async () => {
      const logs = await Promise.all(LOGS.map((suffix) => tree.resolve(path + suffix)));
      return Promise.all(
        logs.flatMap((log) => {
          if (log.state === "unreadable") throw log.error;
          return log.state === "found" && log.node.type === "file" ? [log.node.content()] : [];
        }),
      );
    });
    return { state: "found", hive, locator };
  } catch (error) {
    if (!isReadError(error)) throw error;
    return { state: "unreadable", error, reason: error.line, locator };
  }
}

/** The control set that the machine would start with: `ControlSet001`. Rejects with `corrupt` when none is named. */
export async function currentControlSet({ root }: Hive): Promise<string> {
  const select = await root.subkey("Select");
  const current = await select?.value("Current");
  const data = await current?.data();
  if (data?.length !== 4) throw new ScanError("corrupt", "SYSTEM hive without a value Select\\Current");
  const number = new DataView(data.buffer, data.byteOffset, 4).getUint32(0, true);
  return `ControlSet${String(number).padStart(3, "0")}`;
}

const CURRENT = /^CurrentControlSet(?=\\|$)/i;

/** A path below the hive with the current control set put in its place. */
export async function realKeyPath(hive: Hive, path: string): Promise<string> {
  if (!CURRENT.test(path)) return path;
  const set = await currentControlSet(hive);
  if (!(await hive.root.subkey(set)))
    throw new ScanError("corrupt", `SYSTEM hive lacks its current control set, ${set}`);
  return path.replace(CURRENT, set);
}

export async function findKey(hive: Hive, path: string): Promise<RegistryKey | undefined> {
  return hive.root.find(await realKeyPath(hive, path));
}
