import { expect, test } from "vitest";
import { deviceNumbers } from "./block-device.ts";

test.each([
  [0x07_00, "7:0"],
  [0x10_07_2c, "7:300"],
  [0x1_03_05, "259:5"],
  [0x1000_fff3_88ff, "5000:1048575"],
])("%i is %s", (rdev, numbers) => {
  expect(deviceNumbers(rdev)).toBe(numbers);
});
