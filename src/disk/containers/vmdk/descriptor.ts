import { corrupt } from "../../../errors.ts";
import { decodeName, quoteName } from "../../bytes/names.ts";

// Source: VMware, Virtual Disk Format 5.0, section "The Descriptor File".

/** 62 TiB in pieces of 2 GiB take 2 MiB. */
export const DESCRIPTOR_BYTES_MAX: number = 4 << 20;
/** A 62 TiB disk in pieces of 2 GiB has 32,000. */
const EXTENTS_MAX = 40_000;
const NO_PARENT = "ffffffff";

export type ExtentAccess = "RW" | "RDONLY" | "NOACCESS";

export interface ExtentLine {
  readonly access: ExtentAccess;
  readonly sectors: number;
  /** As written, upper case: `FLAT`, `SPARSE`, `ZERO`, `VMFS`, `VMFSSPARSE`, `SESPARSE`, `VMFSRDM`, ... */
  readonly type: string;
  readonly name: string;
  /** Sector of the named file where a flat extent begins. */
  readonly startSector: number;
}

export interface Descriptor {
  readonly createType: string;
  readonly cid: string;
  /** Absent when the disk stands alone. */
  readonly parent?: { readonly cid: string; readonly name: string };
  readonly extents: readonly ExtentLine[];
}

const EXTENT = /^(RW|RDONLY|NOACCESS)\s+(\d+)\s+([A-Z0-9]+)(?:\s+"([^"]*)"(?:\s+(\d+))?.*)?$/i;
const SETTING = /^([A-Za-z0-9_.]+)\s*=\s*"?([^"]*)"?$/;

/** Parses the text of a descriptor, which ends at the first NUL. @throws corrupt for an extent line that is none */
export function parseDescriptor(bytes: Uint8Array, label: string): Descriptor {
  const end = bytes.indexOf(0);
  const settings = new Map<string, string>();
  const extents: ExtentLine[] = [];
  for (const raw of decodeName(end < 0 ? bytes : bytes.subarray(0, end)).split("\n")) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    if (/^(RW|RDONLY|NOACCESS)\s/i.test(line)) {
      extents.push(extentOf(line, label));
      if (extents.length > EXTENTS_MAX) throw corrupt(label, `more than ${EXTENTS_MAX} extents`);
      continue;
    }
    const setting = SETTING.exec(line);
    if (setting) settings.set((setting[1] ?? "").toLowerCase(), setting[2] ?? "");
  }
  const parentCid = (settings.get("parentcid") ?? NO_PARENT).toLowerCase();
  return {
    createType: settings.get("createtype") ?? "",
    cid: (settings.get("cid") ?? "").toLowerCase(),
    ...(parentCid === NO_PARENT
      ? {}
      : { parent: { cid: parentCid, name: settings.get("parentfilenamehint") ?? "" } }),
    extents,
  };
}

function extentOf(line: string, label: string): ExtentLine {
  const [, access, sectors, type, name, start] = EXTENT.exec(line) ?? [];
  const count = Number(sectors);
  const startSector = Number(start ?? 0);
  const kind = accessOf(access);
  if (!kind || !type || !inRange(count) || count === 0 || !inRange(startSector))
    throw corrupt(label, `descriptor line ${quoteName(line)} is no extent`);
  if (name === undefined && type.toUpperCase() !== "ZERO")
    throw corrupt(label, `descriptor line ${quoteName(line)} names no file`);
  return { access: kind, sectors: count, type: type.toUpperCase(), name: name ?? "", startSector };
}

function accessOf(text: string | undefined): ExtentAccess | undefined {
  const upper = text?.toUpperCase();
  return upper === "RW" || upper === "RDONLY" || upper === "NOACCESS" ? upper : undefined;
}

function inRange(sectors: number): boolean {
  return Number.isSafeInteger(sectors * 512);
}
