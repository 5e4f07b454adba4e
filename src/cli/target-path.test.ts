import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { scratch } from "../../test/support/images.ts";
import { targetPath } from "./target-path.ts";

const PROVIDERS = [{ id: "file" }, { id: "azure" }, { id: "http" }];
const folder = scratch("target-path");

test.each([
  ["debian-13.qcow2", "debian-13.qcow2", undefined],
  ["debian-13.qcow2:/etc/os-release", "debian-13.qcow2", "/etc/os-release"],
  ["debian-13.qcow2:/", "debian-13.qcow2", "/"],
  ["https://example.org/x.qcow2", "https://example.org/x.qcow2", undefined],
  ["https://example.org/x.qcow2:/etc/fstab", "https://example.org/x.qcow2", "/etc/fstab"],
  ["aws:us-east-1/ami-0abc", "aws:us-east-1/ami-0abc", undefined],
  ["aws:us-east-1/ami-0abc:/etc", "aws:us-east-1/ami-0abc", "/etc"],
  ["azure:/subscriptions/1", "azure:/subscriptions/1", undefined],
  ["azure:/subscriptions/1:/etc", "azure:/subscriptions/1", "/etc"],
  [":/etc", ":/etc", undefined],
])("%s", (word, target, path) => {
  expect(targetPath(word, PROVIDERS)).toEqual({ target, path });
});

test("a folder that has the whole name is the target", () => {
  const odd = join(folder, "odd:", "root");
  mkdirSync(odd, { recursive: true });
  expect(targetPath(odd, PROVIDERS)).toEqual({ target: odd, path: undefined });
});
