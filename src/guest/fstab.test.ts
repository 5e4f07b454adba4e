import { expect, test } from "vitest";
import { parseFstab } from "./fstab.ts";

test("reads mounts with tags, escapes and short lines; leaves out the rest", () => {
  const text = `# comment
UUID=abc / ext4 rw,discard 0 1
LABEL=boot /boot/ xfs
/dev/vda3\t/srv/a\\040b auto defaults 0 0
UUID=swap none swap sw 0 0

/dev/vda4
`;
  expect(parseFstab(text)).toEqual([
    { device: "UUID=abc", path: "/", type: "ext4", options: ["rw", "discard"], line: 2 },
    { device: "LABEL=boot", path: "/boot", type: "xfs", options: ["defaults"], line: 3 },
    { device: "/dev/vda3", path: "/srv/a b", type: "auto", options: ["defaults"], line: 4 },
  ]);
});

test("quoted tags lose their quotes", () => {
  expect(parseFstab('LABEL="boot" /boot xfs\n')[0]?.device).toBe("LABEL=boot");
  expect(parseFstab("UUID='1-2' /boot/efi vfat\n")[0]?.device).toBe("UUID=1-2");
});

test("a type's and an option's escapes, and a path's dots", () => {
  expect(parseFstab("/dev/vda1 /a/./b//../c/ ext\\064 subvol=@a\\040b,ro\n")).toEqual([
    { device: "/dev/vda1", path: "/a/c", type: "ext4", options: ["subvol=@a b", "ro"], line: 1 },
  ]);
});
