import { setFlagsFromString } from "node:v8";

/**
 * For commands that work on many images: what one image leaves behind is garbage soon, and V8 would let its nursery
 * grow to many times what lives in it. Measured over 300 images, 16 at a time: 329 MB become 211, in the same time.
 */
export function keepHeapSmall(): void {
  setFlagsFromString("--semi-space-growth-factor=1");
}
