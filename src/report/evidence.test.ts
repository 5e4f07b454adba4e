import { expect, test } from "vitest";
import { chainOf, evidenceLine, evidenceText, pathOf } from "./evidence.ts";

test.each([
  ["image > qcow2 > gpt#1 > ext4 > /etc/sysctl.conf", "/etc/sysctl.conf", "image > qcow2 > gpt#1 > ext4"],
  ["/tmp/x.raw > mbr#1 > ext4 > /etc/a > /b", "/etc/a > /b", "/tmp/x.raw > mbr#1 > ext4"],
  ["x > ntfs > /W/SYSTEM > Select\\Current", "/W/SYSTEM > Select\\Current", "x > ntfs"],
  ["image > gpt#3", "gpt#3", "image"],
  ["/etc/sysctl.conf", "/etc/sysctl.conf", ""],
])("%s", (locator, path, chain) => {
  expect(pathOf(locator)).toBe(path);
  expect(chainOf(locator)).toBe(chain);
});

test("a long kernel line keeps its IPv6 argument in sight, a long path its file name", () => {
  const text = `\tlinux\t/boot/vmlinuz-6.1.0-18-cloud-amd64 ${"console=ttyS0 ".repeat(9)}ipv6.disable=1 quiet`;
  const shown = evidenceLine({ locator: "image > ext4 > /boot/grub/grub.cfg", line: 112, text }, 70);
  expect(shown).toMatch(/^\/boot\/grub\/grub\.cfg:112: ….*ipv6\.disable=1/);
  const deep = `image > ext4 > /${"folder/".repeat(20)}60-ipv6.conf`;
  expect(evidenceLine({ locator: deep, line: 3, text: "x=1" }, 50)).toMatch(
    /^\/folder.*….*60-ipv6\.conf:3: x=1$/,
  );
});

test("evidence without a line or text is its path alone", () => {
  expect(evidenceText({ locator: "image > ext4 > /etc/x" })).toBe("/etc/x");
  expect(evidenceLine({ locator: "image > ext4 > /etc/x" }, 80)).toBe("/etc/x");
});
