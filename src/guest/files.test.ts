import { expect, test } from "vitest";
import { memoryFileSystem } from "../../test/support/memory-fs.ts";
import { observe } from "../model/observations.ts";
import { examineFiles } from "./machine.ts";

test("of a folder, too, /run is empty when the machine comes up", async () => {
  const files = { etc: { hostname: "a\n" }, run: { "sysctl.d": { "1.conf": "a=1\n" } } };
  const asks = { wants: [{ path: "/run/sysctl.d/*.conf" }, { path: "/etc/hostname" }] };
  const examined = await examineFiles(memoryFileSystem(files), "./rootfs", [asks]);
  if (!examined) throw new Error("no machine");
  const seen = observe(examined.snapshot);
  expect(seen.list("/run/sysctl.d").state).toBe("absent");
  expect(seen.file("/etc/hostname").state).toBe("found");
});

const SETTINGS = { wants: [{ path: "/etc/sysctl.d/*.conf" }, { path: "/run/sysctl.d/*.conf" }] };

async function settings(fstab: string): Promise<(folder: string) => string> {
  const files = {
    etc: { fstab, "sysctl.d": { "1.conf": "off\n" } },
    opt: { own: { "1.conf": "on\n" } },
  };
  const examined = await examineFiles(memoryFileSystem(files), "./rootfs", [SETTINGS]);
  if (!examined) throw new Error("no machine");
  const seen = observe(examined.snapshot);
  return (folder: string): string => {
    const file = seen.file(`${folder}/1.conf`);
    return file.state === "found" ? Buffer.from(file.value.bytes).toString().trim() : file.state;
  };
}

test.for([
  ["none", "", "off", "absent"],
  ["a folder bound over settings", "/opt/own /etc/sysctl.d none bind 0 0\n", "on", "absent"],
  ["a folder bound into /run", "/opt/own /run/sysctl.d none rbind 0 0\n", "off", "on"],
  ["one that nobody mounts", "/opt/own /etc/sysctl.d none bind,noauto 0 0\n", "off", "absent"],
  ["a bound folder that is not there", "/opt/x /etc/sysctl.d none bind 0 0\n", "unreadable", "absent"],
  ["an overlay", "overlay /etc overlay lowerdir=/etc,upperdir=/a,workdir=/b 0 0\n", "unreadable", "absent"],
  ["an empty file system", "none /etc/sysctl.d tmpfs defaults 0 0\n", "absent", "absent"],
  ["one of another disk", "/dev/vdb1 /etc/sysctl.d ext4 defaults 0 0\n", "off", "absent"],
] as const)("of a folder, its fstab counts: %s", async ([, fstab, etc, run]) => {
  const seen = await settings(fstab);
  expect([seen("/etc/sysctl.d"), seen("/run/sysctl.d")]).toEqual([etc, run]);
});

test("of a folder, Flatcar's lower /etc shows through", async () => {
  const usr = { share: { flatcar: { etc: { "sysctl.d": { "1.conf": "lower\n", "2.conf": "a\n" } } } } };
  const examined = await examineFiles(
    memoryFileSystem({ etc: { "sysctl.d": { "1.conf": "upper\n" } }, usr }),
    "./rootfs",
    [SETTINGS],
  );
  if (!examined) throw new Error("no machine");
  const seen = observe(examined.snapshot);
  const names = seen.list("/etc/sysctl.d");
  expect(names.state === "found" && names.value.map(({ name }) => name)).toEqual(["1.conf", "2.conf"]);
  const file = seen.file("/etc/sysctl.d/1.conf");
  expect(file.state === "found" && Buffer.from(file.value.bytes).toString()).toBe("upper\n");
});

test.for([
  ["over settings", "/opt/own /etc/sysctl.d none bind 0 0\n", "/etc/sysctl.d"],
  ["over them, by the initrd", "/opt/own /etc/sysctl.d none bind,x-initrd.mount 0 0\n", undefined],
  ["above what a link leads to", "/opt/own /srv none bind 0 0\n", "/etc/sysctl.d/link.conf"],
  ["above what has none", "/opt/own /usr/local none bind 0 0\n", undefined],
  ["elsewhere", "/opt/own /mnt none bind 0 0\n", undefined],
] as const)("settings that may be read before they are mounted: %s", async ([, fstab, place]) => {
  const files = {
    etc: { fstab, "sysctl.d": { "1.conf": "off\n", "link.conf": { link: "/srv/1.conf" } } },
    opt: { own: { "1.conf": "on\n", lib: { "sysctl.d": {} } } },
    srv: {},
    mnt: {},
    usr: { local: {} },
  };
  const examined = await examineFiles(memoryFileSystem(files), "./rootfs", [SETTINGS]);
  expect(examined?.doubts?.map(({ why }) => why)).toEqual(
    place === undefined ? undefined : [expect.stringContaining(`${place} may be read before`)],
  );
});
