import { View } from "../../disk/bytes/view.ts";

/** The seed that log entries are hashed with. Source: "Windows registry file format specification", "Log entry". */
const SEED = { low: 0x7a4e55c5, high: 0x82ef4d88 } as const;

/** Marvin32 as log entries use it. Source: US patent 20130262421; the specification above. */
export function marvin32(bytes: Uint8Array): bigint {
  const view = new View(bytes, "log entry");
  let low: number = SEED.low;
  let high: number = SEED.high;
  const mix = (word: number): void => {
    low = (low + word) | 0;
    high ^= low;
    low = (rotate(low, 20) + high) | 0;
    high = rotate(high, 9) ^ low;
    low = (rotate(low, 27) + high) | 0;
    high = rotate(high, 19);
  };
  const whole = bytes.length - (bytes.length % 4);
  for (let at = 0; at < whole; at += 4) mix(view.u32le(at));
  let last = 0x80;
  for (let at = bytes.length - 1; at >= whole; at--) last = (last << 8) | view.u8(at);
  mix(last);
  mix(0);
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}

function rotate(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by));
}
