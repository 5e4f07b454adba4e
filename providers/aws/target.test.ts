import { expect, test } from "vitest";
import { parseTarget } from "./target.ts";

test.each([
  ["aws:us-east-1/ami-0a1b2c3d4e5f67890", { kind: "ami", id: "ami-0a1b2c3d4e5f67890" }],
  ["aws:us-east-1/ami-1ecae776", { kind: "ami", id: "ami-1ecae776" }],
  ["aws:us-east-1/snap-0123456789abcdef0", { kind: "snapshot", id: "snap-0123456789abcdef0" }],
  ["aws:us-east-1/snap-0123abcd", { kind: "snapshot", id: "snap-0123abcd" }],
])("%s is one image", (target, wanted) => {
  expect(parseTarget(target)).toEqual({ ...wanted, place: { region: "us-east-1", profile: undefined } });
});

test.each([
  ["ami-zzzz", "ami- and 8 or 17 digits"],
  ["ami-", "ami- and 8 or 17 digits"],
  ["ami-0a1b2c3d4e5f6789", "ami- and 8 or 17 digits"],
  ["ami-0A1B2C3D", "ami- and 8 or 17 digits"],
  ["snap-0a1b2c3d4e5f67890 ", "snap- and 8 or 17 digits"],
  ["snap-12", "snap- and 8 or 17 digits"],
])("%s is no id", (thing, says) => {
  expect(() => parseTarget(`aws:us-east-1/${thing}`)).toThrow(
    expect.objectContaining({ code: "usage", message: expect.stringContaining(says) }),
  );
});
