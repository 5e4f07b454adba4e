import { copyFileSync, mkdirSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { file } from "../../providers/file/index.ts";
import type { ScanResult } from "../../src/model/report.ts";
import { scan } from "../../src/scan/scan.ts";
import { BTRFS_NEEDS, mounted as btrfsMounted, makeBtrfs } from "../support/btrfs.ts";
import { writeFiles } from "../support/guest-disk.ts";
import { missing, run, scratch } from "../support/images.ts";
import { DEBIAN_12 } from "../support/machine.ts";
import { formatXfs, mounted } from "../support/xfs.ts";

const why = missing("mkfs.xfs", "xfs_io", "losetup", ...BTRFS_NEEDS);
const area = scratch("crashed");
const OFF = "net.ipv6.conf.all.disable_ipv6 = 1\nnet.ipv6.conf.default.disable_ipv6 = 1\n";
const SETTING = "etc/sysctl.d/90-off.conf";

async function scanned(path: string): Promise<ScanResult> {
  return scan({ provider: "file", id: path, name: path, family: "crashed" }, (one) => file.open(one, {}));
}

/** Writes to a file and has it on the disk before anything else is. */
function fsynced(path: string, text: string): void {
  writeFileSync(path, text);
  run("sync", [path]);
}

/** A machine whose disk was copied when it lost its power: what was done last is in its log alone. */
test.skipIf(why)("XFS: what only the log has decides, for on and for off", async () => {
  for (const [before, act, state] of [
    [undefined, (at: string) => fsynced(at, OFF), "off"],
    [OFF, (at: string) => fsynced(at, "# nothing\n"), "on"],
    [OFF, (at: string) => unlinkSync(at), "on"],
  ] as const) {
    const image = join(area, `${state}${before?.length}.xfs`);
    const copy = `${image}.${Math.floor(performance.now())}`;
    formatXfs(image, 96, []);
    await mounted(image, (mount) => {
      writeFiles(mount, DEBIAN_12);
      if (before !== undefined) writeFileSync(join(mount, SETTING), before);
      run("sync", ["-f", mount]);
      act(join(mount, SETTING));
      run("xfs_io", ["-x", "-c", "shutdown -f", mount]);
      copyFileSync(image, copy);
    });
    const { prediction, notes } = await scanned(copy);
    expect(notes.join()).toMatch(/dirty log: \d+ sectors replayed in memory/);
    expect(prediction?.state).toBe(state);
  }
});

test.skipIf(why)(
  "Btrfs: a log about other files leaves the verdict, one about what decides takes it",
  async () => {
    const folder = join(area, "btrfs");
    mkdirSync(folder);
    const image = join(folder, "image");
    await makeBtrfs(image, join(folder, "mount"), { size: "256M", mount: "commit=300" }, (mount) => {
      writeFiles(mount, DEBIAN_12);
      writeFileSync(join(mount, SETTING), OFF);
      mkdirSync(join(mount, "var/log/journal"), { recursive: true });
      run("sync", ["-f", mount]);
      fsynced(join(mount, "var/log/journal/system"), "entries");
      copyFileSync(image, join(folder, "journal"));
      fsynced(join(mount, SETTING), "# nothing\n");
      copyFileSync(image, join(folder, "setting"));
    });
    const other = await scanned(join(folder, "journal"));
    expect(other.notes.join()).toMatch(/dirty log tree: not replayed: \d+ files/);
    expect(other.prediction?.state).toBe("off");
    const deciding = await scanned(join(folder, "setting"));
    expect(deciding.prediction?.state).toBe("unknown");
    expect(deciding.prediction?.reason).toContain("dirty log tree");
    // A mount replays it: then the truth can be read.
    await btrfsMounted(join(folder, "setting"), join(folder, "mount"), "subvolid=5", () => undefined);
    expect((await scanned(join(folder, "setting"))).prediction?.state).toBe("on");
  },
);
