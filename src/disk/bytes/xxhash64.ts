import { View } from "./view.ts";

// Source: xxHash fast digest algorithm, doc/xxhash_spec.md of the xxHash project, "XXH64".

const P1 = 0x9e3779b185ebca87n;
const P2 = 0xc2b2ae3d27d4eb4fn;
const P3 = 0x165667b19e3779f9n;
const P4 = 0x85ebca77c2b2ae63n;
const P5 = 0x27d4eb2f165667c5n;

function u64(value: bigint): bigint {
  return BigInt.asUintN(64, value);
}

function rotate(value: bigint, by: bigint): bigint {
  return u64((value << by) | (value >> (64n - by)));
}

function round(state: bigint, lane: bigint): bigint {
  return u64(rotate(u64(state + lane * P2), 31n) * P1);
}

function merge(hash: bigint, state: bigint): bigint {
  return u64((hash ^ round(0n, state)) * P1 + P4);
}

/** XXH64 with seed 0. `xxhash64("")` is 0xef46db3751d8e999. */
export function xxhash64(bytes: Uint8Array): bigint {
  const view = new View(bytes, "xxhash64");
  let at = 0;
  let hash = P5;
  if (bytes.length >= 32) {
    let [a, b, c, d] = [u64(P1 + P2), P2, 0n, u64(-P1)];
    for (; at + 32 <= bytes.length; at += 32) {
      a = round(a, view.big64le(at));
      b = round(b, view.big64le(at + 8));
      c = round(c, view.big64le(at + 16));
      d = round(d, view.big64le(at + 24));
    }
    hash = u64(rotate(a, 1n) + rotate(b, 7n) + rotate(c, 12n) + rotate(d, 18n));
    for (const state of [a, b, c, d]) hash = merge(hash, state);
  }
  hash = u64(hash + BigInt(bytes.length));
  for (; at + 8 <= bytes.length; at += 8)
    hash = u64(rotate(hash ^ round(0n, view.big64le(at)), 27n) * P1 + P4);
  for (; at + 4 <= bytes.length; at += 4)
    hash = u64(rotate(u64(hash ^ (BigInt(view.u32le(at)) * P1)), 23n) * P2 + P3);
  for (; at < bytes.length; at++) hash = u64(rotate(u64(hash ^ (BigInt(view.u8(at)) * P5)), 11n) * P1);
  hash = u64((hash ^ (hash >> 33n)) * P2);
  hash = u64((hash ^ (hash >> 29n)) * P3);
  return hash ^ (hash >> 32n);
}
