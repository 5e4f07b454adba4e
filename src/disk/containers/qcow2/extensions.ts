import { corrupt } from "../../../errors.ts";
import { decodeName } from "../../bytes/names.ts";
import type { View } from "../../bytes/view.ts";

// Source: QEMU docs/interop/qcow2, sections "Header extensions", "Feature name table".

const END = 0;
const BACKING_FORMAT = 0xe2792aca;
const FEATURE_NAMES = 0x6803f857;
const DATA_FILE_NAME = 0x44415441;
/** QEMU writes at most half a dozen. */
const EXTENSIONS_MAX = 64;

export interface Extensions {
  readonly backingFormat?: string;
  readonly dataFileName?: string;
  /** Names of incompatible features, by bit number. */
  readonly featureNames: ReadonlyMap<number, string>;
}

/**
 * The header extensions from `start` to `end` (where the backing file name or the first cluster ends them).
 * @throws corrupt for an extension that does not fit
 */
export function parseExtensions(view: View, start: number, end: number): Extensions {
  let found: { backingFormat?: string; dataFileName?: string } = {};
  const featureNames = new Map<number, string>();
  let at = start;
  for (let count = 0; at + 8 <= end; count++) {
    const type = view.u32be(at);
    const length = view.u32be(at + 4);
    if (type === END) break;
    if (count >= EXTENSIONS_MAX)
      throw corrupt(view.label, `more than ${EXTENSIONS_MAX} header extensions`, view.base + at);
    if (length > end - at - 8)
      throw corrupt(view.label, `header extension of ${length} bytes is too long`, view.base + at);
    const data = view.sub(at + 8, length);
    if (type === BACKING_FORMAT) found = { ...found, backingFormat: decodeName(data.bytes) };
    if (type === DATA_FILE_NAME) found = { ...found, dataFileName: decodeName(data.bytes) };
    if (type === FEATURE_NAMES) readFeatureNames(data, featureNames);
    at += 8 + Math.ceil(length / 8) * 8;
  }
  return { ...found, featureNames };
}

function readFeatureNames(table: View, names: Map<number, string>): void {
  for (let at = 0; at + 48 <= table.length; at += 48) {
    const incompatible = table.u8(at) === 0;
    if (incompatible) names.set(table.u8(at + 1), table.ascii(at + 2, 46));
  }
}
