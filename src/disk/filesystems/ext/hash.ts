import type { Superblock } from "./superblock.ts";

/**
 * Directory hashes. Source: ext4/directory.rst names the kinds; the functions are those of B. Schneier's TEA
 * (Wheeler and Needham 1994) and of half MD4 (RFC 1320, rounds of eight steps), fed as fs/ext4 feeds them.
 */
const KINDS = { legacy: 0, halfMd4: 1, tea: 2 } as const;
const UNSIGNED_STEP = 3;
const END = 0x7fffffff;

/** The hash of a name under `kind` (as the index root says), or undefined for a kind that is not known. */
export function hashName(
  name: Uint8Array,
  kind: number,
  superblock: Pick<Superblock, "hashSeed" | "hashUnsigned">,
): number | undefined {
  const unsigned = superblock.hashUnsigned || kind >= UNSIGNED_STEP;
  const chars = unsigned ? name : Int8Array.from(name);
  const given = superblock.hashSeed.some((word) => word !== 0);
  const state = Uint32Array.from(
    given ? superblock.hashSeed : [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476],
  );
  let hash: number;
  switch (kind % UNSIGNED_STEP) {
    case KINDS.legacy:
      hash = legacy(chars);
      break;
    case KINDS.halfMd4:
      for (let at = 0; at < chars.length; at += 32) halfMd4(state, words(chars, at, 8));
      hash = state[1] ?? 0;
      break;
    default:
      for (let at = 0; at < chars.length; at += 16) tea(state, words(chars, at, 4));
      hash = state[0] ?? 0;
  }
  if (kind > 5) return undefined;
  const even = (hash & ~1) >>> 0;
  return even === (END << 1) >>> 0 ? ((END - 1) << 1) >>> 0 : even;
}

function legacy(chars: ArrayLike<number>): number {
  let older = 0x37abe8f9;
  let newer = 0x12a3fe2d;
  for (let at = 0; at < chars.length; at++) {
    let hash = (older + (newer ^ Math.imul(chars[at] ?? 0, 7152373))) >>> 0;
    if ((hash & 0x80000000) !== 0) hash = (hash - 0x7fffffff) >>> 0;
    older = newer;
    newer = hash;
  }
  return (newer << 1) >>> 0;
}

/** `count` words of name bytes, big end first, padded with the remaining length. */
function words(chars: ArrayLike<number>, start: number, count: number): Uint32Array {
  const left = chars.length - start;
  let pad = left | (left << 8);
  pad |= pad << 16;
  const out = new Uint32Array(count).fill(pad);
  const length = Math.min(left, count * 4);
  let value = pad;
  for (let at = 0; at < length; at++) {
    value = ((chars[start + at] ?? 0) + (value << 8)) | 0;
    if (at % 4 === 3) {
      out[at >> 2] = value;
      value = pad;
    }
  }
  if (length % 4 !== 0) out[length >> 2] = value;
  return out;
}

function tea(state: Uint32Array, input: Uint32Array): void {
  let [left = 0, right = 0] = state;
  const [a = 0, b = 0, c = 0, d = 0] = input;
  let sum = 0;
  for (let round = 0; round < 16; round++) {
    sum = (sum + 0x9e3779b9) | 0;
    left = (left + (((right << 4) + a) ^ (right + sum) ^ ((right >>> 5) + b))) >>> 0;
    right = (right + (((left << 4) + c) ^ (left + sum) ^ ((left >>> 5) + d))) >>> 0;
  }
  state[0] = (state[0] ?? 0) + left;
  state[1] = (state[1] ?? 0) + right;
}

type Mix = (x: number, y: number, z: number) => number;
const ROUNDS: readonly {
  readonly mix: Mix;
  readonly add: number;
  readonly order: readonly number[];
  readonly turns: readonly number[];
}[] = [
  { mix: (x, y, z) => z ^ (x & (y ^ z)), add: 0, order: [0, 1, 2, 3, 4, 5, 6, 7], turns: [3, 7, 11, 19] },
  {
    mix: (x, y, z) => (x & y) + ((x ^ y) & z),
    add: 0x5a827999,
    order: [1, 3, 5, 7, 0, 2, 4, 6],
    turns: [3, 5, 9, 13],
  },
  { mix: (x, y, z) => x ^ y ^ z, add: 0x6ed9eba1, order: [3, 7, 2, 6, 1, 5, 0, 4], turns: [3, 9, 11, 15] },
];

function halfMd4(state: Uint32Array, input: Uint32Array): void {
  // Each step renews one word; then the roles turn: a, d, c, b.
  const work = Uint32Array.from(state.subarray(0, 4));
  for (const { mix, add, order, turns } of ROUNDS) {
    for (const [step, index] of order.entries()) {
      const at = (4 - (step % 4)) % 4;
      const word = (offset: number): number => work[(at + offset) % 4] ?? 0;
      const sum = (word(0) + mix(word(1), word(2), word(3)) + (input[index] ?? 0) + add) | 0;
      const turn = turns[step % 4] ?? 0;
      work[at] = (sum << turn) | (sum >>> (32 - turn));
    }
  }
  for (let at = 0; at < 4; at++) state[at] = (state[at] ?? 0) + (work[at] ?? 0);
}
