/**
 * Filters that make programs pack better: the targets of calls, written as absolute addresses, become relative again.
 * Each changes `bytes` in place. Source: "The .xz File Format" 5.3.2, and Igor Pavlov's description of the branch
 * converters in the LZMA SDK (public domain).
 */

type Filter = (bytes: Uint8Array, start: number) => void;

/** By filter ID; those without an entry are refused by whoever asks. */
export const BRANCH_FILTERS: ReadonlyMap<number, Filter> = new Map([
  [0x04, x86],
  [0x05, words(4, powerpc)],
  [0x07, words(4, arm)],
  [0x08, armThumb],
  [0x09, words(4, sparc)],
  [0x0a, words(4, arm64)],
]);

/** Changes one instruction at `at` of `view`, whose address is `address`. */
type Convert = (view: DataView, at: number, address: number) => void;

function words(bytesEach: number, convert: Convert): Filter {
  return (bytes, start) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let at = 0; at + bytesEach <= bytes.length; at += bytesEach) convert(view, at, start + at);
  };
}

/** `bl` with an absolute address: opcode 18, AA 0, LK 1. */
function powerpc(view: DataView, at: number, address: number): void {
  const word = view.getUint32(at);
  if ((word & 0xfc000003) >>> 0 !== 0x48000001) return;
  view.setUint32(at, (0x48000001 | (((word & 0x03fffffc) - address) & 0x03fffffc)) >>> 0);
}

/** `BL` of every condition's always. */
function arm(view: DataView, at: number, address: number): void {
  const word = view.getUint32(at, true);
  if (word >>> 24 !== 0xeb) return;
  const target = ((word & 0xffffff) << 2) - (address + 8);
  view.setUint32(at, (0xeb000000 | ((target >>> 2) & 0xffffff)) >>> 0, true);
}

/** A pair of half-words that make one `BL`. */
function armThumb(bytes: Uint8Array, start: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at + 4 <= bytes.length; at += 2) {
    const [high, low] = [view.getUint16(at, true), view.getUint16(at + 2, true)];
    if ((high & 0xf800) !== 0xf000 || (low & 0xf800) !== 0xf800) continue;
    const target = (((high & 0x7ff) << 11) | (low & 0x7ff)) << 1;
    const relative = (target - (start + at + 4)) >>> 1;
    view.setUint16(at, 0xf000 | ((relative >>> 11) & 0x7ff), true);
    view.setUint16(at + 2, 0xf800 | (relative & 0x7ff), true);
    at += 2;
  }
}

/** `call` within 16 MiB either way: the two top bits of the displacement repeat its sign. */
function sparc(view: DataView, at: number, address: number): void {
  const word = view.getUint32(at);
  const front = word >>> 22;
  if (front !== 0x100 && front !== 0x1ff) return;
  const relative = ((word << 2) - address) >>> 2;
  const sign = (relative & 0x400000) !== 0 ? 0x3fc00000 : 0;
  view.setUint32(at, (0x40000000 | sign | (relative & 0x3fffff)) >>> 0);
}

/** `BL`, and `ADRP` whose page is within 512 MiB. */
function arm64(view: DataView, at: number, address: number): void {
  const word = view.getUint32(at, true);
  if (word >>> 26 === 0x25) {
    view.setUint32(at, (0x94000000 | ((word - (address >>> 2)) & 0x03ffffff)) >>> 0, true);
    return;
  }
  if ((word & 0x9f000000) >>> 0 !== 0x90000000) return;
  const page = ((word >>> 29) & 3) | ((word >>> 3) & 0x1ffffc);
  // Pages far away were left as they are.
  if (((page + 0x020000) & 0x1c0000) !== 0) return;
  const relative = page - (address >>> 12);
  const sign = -(relative & 0x020000) & 0xe00000;
  const kept = (word & 0x9000001f) >>> 0;
  view.setUint32(at, (kept | ((relative & 3) << 29) | ((relative & 0x3fffc) << 3) | sign) >>> 0, true);
}

const WINDOW = 4;
/** Opcode bytes E8 or E9 seen in the three bytes before, as bits, for which a conversion is still to be trusted. */
const TRUSTED = [true, true, true, false, true, false, false, false];
/** Which byte of the displacement then tells, counted from its top. */
const TELLING = [0, 1, 2, 2, 3, 3, 3, 3];

function isSignByte(byte: number | undefined): boolean {
  return byte === 0 || byte === 0xff;
}

/** `CALL` (E8) and `JMP` (E9) whose displacement's top byte is a sign. */
function x86(bytes: Uint8Array, start: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let before = 0;
  let last = -1;
  for (let at = 0; at + WINDOW < bytes.length; at++) {
    if (((bytes[at] ?? 0) & 0xfe) !== 0xe8) continue;
    const gap = at - last;
    last = at;
    if (gap > 3) before = 0;
    else {
      before = (before << (gap - 1)) & 7;
      if (before !== 0) {
        const telling = bytes[at + 4 - (TELLING[before] ?? 0)];
        if (!TRUSTED[before] || isSignByte(telling)) {
          before = ((before << 1) | 1) & 7;
          continue;
        }
      }
    }
    if (!isSignByte(bytes[at + 4])) {
      before = ((before << 1) | 1) & 7;
      continue;
    }
    let target = view.getUint32(at + 1, true);
    let relative = 0;
    for (;;) {
      relative = (target - (start + at + 5)) >>> 0;
      if (before === 0) break;
      const shift = (TELLING[before] ?? 0) * 8;
      if (!isSignByte((relative >>> (24 - shift)) & 0xff)) break;
      target = (relative ^ (2 ** (32 - shift) - 1)) >>> 0;
    }
    const sign = (relative & 0x01000000) !== 0 ? 0xfe000000 : 0;
    view.setUint32(at + 1, ((relative & 0x01ffffff) | sign) >>> 0, true);
    at += 4;
  }
}
