/** True for 1, 2, 4 and so on, up to 2^31. */
export function isPowerOfTwo(value: number): boolean {
  return value > 0 && value <= 2 ** 31 && (value & (value - 1)) === 0;
}
