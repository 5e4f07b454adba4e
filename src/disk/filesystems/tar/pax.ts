import { corrupt } from "../../../errors.ts";
import { decodeName } from "../../bytes/names.ts";
import type { View } from "../../bytes/view.ts";

// Source: POSIX.1-2017 pax, section "pax Extended Header".

/** One record, in order: GNU's oldest sparse maps repeat their keywords. */
export type PaxRecord = readonly [keyword: string, value: string];

/** `"%d %s=%s\n"` records: length in decimal, keyword, value. @throws corrupt */
export function paxRecords(data: View): readonly PaxRecord[] {
  const records: PaxRecord[] = [];
  for (let at = 0; at < data.length; ) {
    const space = data.bytes.indexOf(0x20, at);
    const digits = space < 0 ? "" : data.ascii(at, Math.min(space - at, 20));
    const length = Number(digits);
    if (!/^[0-9]+$/.test(digits) || length <= space - at || at + length > data.length) {
      // Some writers pad with NULs.
      if (data.bytes.subarray(at).every((byte) => byte === 0)) break;
      throw corrupt(data.label, "PAX record with an impossible length", data.base + at);
    }
    const record = data.slice(space + 1, at + length - space - 1);
    const equals = record.indexOf(0x3d);
    if (equals < 0 || record.at(-1) !== 0x0a)
      throw corrupt(data.label, "PAX record that is none", data.base + at);
    records.push([decodeName(record.subarray(0, equals)), decodeName(record.subarray(equals + 1, -1))]);
    at += length;
  }
  return records;
}

/** A decimal value. @throws corrupt when it is no usable number */
export function paxNumber(value: string, label: string): number {
  const number = Number(value);
  if (!/^[0-9]+$/.test(value) || !Number.isSafeInteger(number))
    throw corrupt(label, `PAX number ${JSON.stringify(value.slice(0, 40))}`);
  return number;
}
