// Source: RFC 7693. Words of 64 bits are two of 32, low half first: BigInt would be ten times slower.

const BLOCK_BYTES = 128;
const IV = new Uint32Array([
  0xf3bcc908, 0x6a09e667, 0x84caa73b, 0xbb67ae85, 0xfe94f82b, 0x3c6ef372, 0x5f1d36f1, 0xa54ff53a, 0xade682d1,
  0x510e527f, 0x2b3e6c1f, 0x9b05688c, 0xfb41bd6b, 0x1f83d9ab, 0x137e2179, 0x5be0cd19,
]);
/** The message schedule, one row a round; rounds 10 and 11 use the first two rows again. */
const SIGMA: readonly (readonly number[])[] = [
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
  [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
  [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
  [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
  [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
  [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
  [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
  [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
  [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
  [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
];
/** The four words each of the eight mixings of a round works on. */
const LANES: readonly (readonly [number, number, number, number])[] = [
  [0, 4, 8, 12],
  [1, 5, 9, 13],
  [2, 6, 10, 14],
  [3, 7, 11, 15],
  [0, 5, 10, 15],
  [1, 6, 11, 12],
  [2, 7, 8, 13],
  [3, 4, 9, 14],
];
const ROUNDS = 12;

// Indices below are always inside their arrays: the fallback never applies.
function at(words: Uint32Array, index: number): number {
  return words[index] ?? 0;
}

/** v[a] += v[b] + (low, high) */
function add(v: Uint32Array, a: number, b: number, low: number, high: number): void {
  const sum = at(v, 2 * a) + at(v, 2 * b) + low;
  v[2 * a] = sum;
  v[2 * a + 1] = at(v, 2 * a + 1) + at(v, 2 * b + 1) + high + Math.floor(sum / 2 ** 32);
}

/** v[a] = (v[a] ^ v[b]) turned right by `by` bits; 32 swaps the halves. */
function turn(v: Uint32Array, a: number, b: number, by: number): void {
  const low = at(v, 2 * a) ^ at(v, 2 * b);
  const high = at(v, 2 * a + 1) ^ at(v, 2 * b + 1);
  const [near, far] = by < 32 ? [low, high] : [high, low];
  const bits = by % 32;
  v[2 * a] = bits === 0 ? near : (near >>> bits) | (far << (32 - bits));
  v[2 * a + 1] = bits === 0 ? far : (far >>> bits) | (near << (32 - bits));
}

function compress(hash: Uint32Array, message: Uint32Array, lengthBytes: number, last: boolean): void {
  const v = new Uint32Array(32);
  v.set(hash);
  v.set(IV, 16);
  v[24] = at(v, 24) ^ lengthBytes;
  v[25] = at(v, 25) ^ Math.floor(lengthBytes / 2 ** 32);
  if (last) {
    v[28] = ~at(v, 28);
    v[29] = ~at(v, 29);
  }
  for (let round = 0; round < ROUNDS; round++) {
    const order = SIGMA[round % 10] ?? [];
    for (const [lane, [a, b, c, d]] of LANES.entries()) {
      const x = 2 * (order[2 * lane] ?? 0);
      const y = 2 * (order[2 * lane + 1] ?? 0);
      add(v, a, b, at(message, x), at(message, x + 1));
      turn(v, d, a, 32);
      add(v, c, d, 0, 0);
      turn(v, b, c, 24);
      add(v, a, b, at(message, y), at(message, y + 1));
      turn(v, d, a, 16);
      add(v, c, d, 0, 0);
      turn(v, b, c, 63);
    }
  }
  for (let i = 0; i < 16; i++) hash[i] = at(hash, i) ^ at(v, i) ^ at(v, i + 16);
}

/** BLAKE2b without a key: `digestBytes` bytes, at most 64. */
export function blake2b(bytes: Uint8Array, digestBytes: number): Uint8Array {
  const hash = IV.slice();
  hash[0] = at(hash, 0) ^ 0x01010000 ^ digestBytes;
  const block = new Uint8Array(BLOCK_BYTES);
  const words = new DataView(block.buffer);
  const message = new Uint32Array(BLOCK_BYTES / 4);
  for (let start = 0; start === 0 || start < bytes.length; start += BLOCK_BYTES) {
    const end = Math.min(start + BLOCK_BYTES, bytes.length);
    block.fill(0);
    block.set(bytes.subarray(start, end));
    for (let i = 0; i < message.length; i++) message[i] = words.getUint32(4 * i, true);
    compress(hash, message, end, end === bytes.length);
  }
  const digest = new DataView(new ArrayBuffer(64));
  for (let i = 0; i < 16; i++) digest.setUint32(4 * i, at(hash, i), true);
  return new Uint8Array(digest.buffer, 0, digestBytes);
}
