import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { below, GUEST_DISK_NEEDS, type Judged, judgeDisk, makeGuestDisk } from "../support/guest-disk.ts";
import { missing, scratch } from "../support/images.ts";
import { DEBIAN_12, type FlatFiles } from "../support/machine.ts";

const why = missing(...GUEST_DISK_NEEDS);
const area = scratch("ostree");
let count = 0;

const VERSION = "6.1.0-18-cloud-amd64";
const OFF = {
  "/usr/lib/sysctl.d/90-off.conf":
    "net.ipv6.conf.all.disable_ipv6 = 1\nnet.ipv6.conf.default.disable_ipv6 = 1\n",
};
const OFF_IN_ETC = { "/etc/sysctl.d/90-off.conf": OFF["/usr/lib/sysctl.d/90-off.conf"] };

/** A deployment: what a checkout of a commit holds, with its own /etc when it has been booted. */
function deployment(name: string, more: FlatFiles, booted = true): FlatFiles {
  const {
    "/boot/grub/grub.cfg": _,
    [`/boot/config-${VERSION}`]: config = "",
    "/etc/fstab": __,
    ...base
  } = DEBIAN_12;
  const files: FlatFiles = { ...base, [`/usr/lib/modules/${VERSION}/config`]: config, ...more };
  const placed = Object.entries(files).map(([path, value]) => [
    !booted && path.startsWith("/etc/") ? `/usr${path}` : path,
    value,
  ]);
  return below(`/ostree/deploy/os/deploy/${name}`, Object.fromEntries(placed));
}

interface Shape {
  readonly physical: FlatFiles;
  readonly args?: string;
  readonly ownBoot?: boolean;
  readonly boots?: string;
}

/** boot.1 names what boots, through the links that ostree makes. */
function judge({ physical, args = "", ownBoot = false, boots = "aaa.0" }: Shape): Promise<Judged> {
  const entry = (number: number, ostree: string, more: string): FlatFiles => ({
    [`/loader.1/entries/ostree-${number}.conf`]: `title OS ${number}\nversion ${number}\nlinux /ostree/os-abc/vmlinuz-${VERSION}\noptions root=UUID=1 ostree=${ostree} ${more}\n`,
  });
  const boot: FlatFiles = {
    "/grub2/grub.cfg": "blscfg\n",
    "/loader": { link: "loader.1" },
    ...entry(2, "/ostree/boot.1/os/abc/0", args),
    ...entry(1, "/ostree/boot.1/os/abc/1", ""),
    [`/ostree/os-abc/vmlinuz-${VERSION}`]: "",
  };
  const other = boots === "aaa.0" ? "bbb.0" : "aaa.0";
  const root: FlatFiles = {
    "/ostree/boot.1": { link: "boot.1.1" },
    "/ostree/boot.1.1/os/abc/0": { link: `../../../deploy/os/deploy/${boots}` },
    "/ostree/boot.1.1/os/abc/1": { link: `../../../deploy/os/deploy/${other}` },
    "/ostree/deploy/os/var/lib/x": "",
    ...physical,
  };
  const parts = ownBoot
    ? [{ files: { ...root, ...below("/boot", boot), "/boot/boot": { link: "." } } }]
    : [{ files: boot }, { files: { ...root, "/boot/.keep": "" } }];
  return judgeDisk(makeGuestDisk(join(area, `${count++}`), parts));
}

describe.skipIf(why)("OSTree", () => {
  test.each([
    ["nothing set", {}, "", "on"],
    ["off in its /usr", OFF, "", "off"],
    ["off in its /etc", OFF_IN_ETC, "", "off"],
    ["off on the command line", {}, "ipv6.disable=1", "off"],
  ] as const)("the deployment that boots, %s", async (_what, more, args, state) => {
    const physical = { ...deployment("aaa.0", more), ...deployment("bbb.0", {}) };
    for (const ownBoot of [false, true]) {
      const { mounts, prediction, boot } = await judge({ physical, args, ownBoot });
      const at = ownBoot ? "gpt#1" : "gpt#2";
      expect(mounts).toContain(`/ ${at} > ext4 > /ostree/deploy/os/deploy/aaa.0`);
      expect(mounts).toContain(`/var ${at} > ext4 > /ostree/deploy/os/var`);
      expect(boot.kernelVersion).toBe(VERSION);
      expect(prediction.state).toBe(state);
    }
  });

  test("trap: off in the deployment that does not boot", async () => {
    const physical = { ...deployment("aaa.0", {}), ...deployment("bbb.0", { ...OFF, ...OFF_IN_ETC }) };
    expect((await judge({ physical })).prediction.state).toBe("on");
    expect((await judge({ physical, boots: "bbb.0" })).prediction.state).toBe("off");
  });

  test("before the first boot /usr/etc is what /etc will be", async () => {
    const off = await judge({ physical: deployment("aaa.0", OFF_IN_ETC, false) });
    expect(off.prediction.state).toBe("off");
    expect(off.notes).toContain("copy of /usr/etc");
    const on = await judge({ physical: deployment("aaa.0", {}, false) });
    expect(on.prediction.state).toBe("on");
  });

  test("once there is an /etc, /usr/etc is only history", async () => {
    const history = below("/usr", OFF_IN_ETC);
    expect((await judge({ physical: deployment("aaa.0", history) })).prediction.state).toBe("on");
  });

  test("a boot entry that names what is not there: unknown", async () => {
    const physical = deployment("bbb.0", OFF);
    expect((await judge({ physical, boots: "gone.0" })).prediction.state).toBe("unknown");
  });
});
