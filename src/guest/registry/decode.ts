import type { ObservedValue, RegistryData } from "../../model/registry.ts";
import { REG, type RegistryValue } from "./value.ts";

/** Source: winnt.h, REG_*. */
const NAMES = [
  "REG_NONE",
  "REG_SZ",
  "REG_EXPAND_SZ",
  "REG_BINARY",
  "REG_DWORD",
  "REG_DWORD_BIG_ENDIAN",
  "REG_LINK",
  "REG_MULTI_SZ",
  "REG_RESOURCE_LIST",
  "REG_FULL_RESOURCE_DESCRIPTOR",
  "REG_RESOURCE_REQUIREMENTS_LIST",
  "REG_QWORD",
];

export function typeName(type: number): string {
  return NAMES[type] ?? String(type);
}

/** A value's data as its type says; what does not fit its type, or no number here, stays bytes. */
export function decodeData(type: number, bytes: Uint8Array): RegistryData {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (type === REG.dword && bytes.length === 4) return { kind: "number", value: view.getUint32(0, true) };
  if (type === REG.dwordBigEndian && bytes.length === 4) return { kind: "number", value: view.getUint32(0) };
  if (type === REG.qword && bytes.length === 8) {
    const value = view.getBigUint64(0, true);
    if (value <= Number.MAX_SAFE_INTEGER) return { kind: "number", value: Number(value) };
  }
  if (type === REG.sz || type === REG.expandSz)
    return { kind: "text", value: textOf(bytes).split("\0")[0] ?? "" };
  if (type === REG.multiSz) {
    const parts = textOf(bytes).split("\0");
    const end = parts.indexOf("");
    return { kind: "list", value: end < 0 ? parts : parts.slice(0, end) };
  }
  return { kind: "bytes", value: bytes };
}

export async function observedValue(value: RegistryValue): Promise<ObservedValue> {
  return { name: value.name, type: typeName(value.type), data: decodeData(value.type, await value.data()) };
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("utf16le");
}
