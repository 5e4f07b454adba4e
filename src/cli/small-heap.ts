import { setFlagsFromString } from "node:v8";

/**
 * For commands that work on many images: what one image leaves behind is garbage soon, and V8 would let the heap grow to
 * many times what lives in it, the more so beside a database in WebAssembly. Measured over 300 images, 16 at a time:
 * 329 MB become 211 without a database and 338 become 262 with the embedded one, for 6 % more processor time.
 */
export function keepHeapSmall(): void {
  setFlagsFromString("--semi-space-growth-factor=1");
  setFlagsFromString("--heap-growing-percent=120");
}
