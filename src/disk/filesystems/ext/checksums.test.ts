import { expect, test } from "vitest";
import { crc16Update } from "./crc16.ts";
import { crc32beUpdate } from "./crc32be.ts";

/** Check values of the catalogue of parametrised CRC algorithms: CRC-16/ARC and CRC-32/MPEG-2. */
test("check values", () => {
  const bytes = Buffer.from("123456789");
  expect(crc16Update(0, bytes)).toBe(0xbb3d);
  expect(crc32beUpdate(0xffffffff, bytes)).toBe(0x0376e6e7);
});
