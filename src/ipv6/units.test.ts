import { expect, test } from "vitest";
import { type FlatFiles, nest } from "../../test/support/machine.ts";
import { memoryFileSystem } from "../../test/support/memory-fs.ts";
import { Tree } from "../disk/filesystems/tree.ts";
import { extract } from "../guest/extract.ts";
import type { BootFacts } from "../model/boot.ts";
import { observe } from "../model/observations.ts";
import { followUnits, UNIT_WANTS, unitStart } from "./units.ts";

const UNIT = "nftables.service";

async function stateOf(files: FlatFiles, cmdline = "", also: readonly string[] = []): Promise<string> {
  const tree = new Tree([{ path: "/", locator: "x", fs: memoryFileSystem(nest(files)) }]);
  const asks = {
    wants: UNIT_WANTS,
    follow: (seen: ReturnType<typeof observe>) => followUnits(seen, [UNIT, ...also]),
  };
  const boot: BootFacts = { cmdline, cmdlineEvidence: [], kernelVersion: undefined, nicNames: [], notes: [] };
  return unitStart(observe(await extract(tree, [asks])), boot, UNIT, also).state;
}

const link = { link: "/usr/lib/systemd/system/nftables.service" };

test("a unit starts when a target that is reached wants it", async () => {
  expect(await stateOf({ "/etc/systemd/system/sysinit.target.wants/nftables.service": link })).toBe("starts");
  expect(await stateOf({ "/etc/systemd/system/multi-user.target.requires/nftables.service": link })).toBe(
    "starts",
  );
  expect(await stateOf({ "/usr/lib/systemd/system/multi-user.target.wants/nftables.service": link })).toBe(
    "starts",
  );
  expect(await stateOf({ "/etc/runlevels/boot/nftables": "" })).toBe("starts");
  expect(await stateOf({ "/etc/passwd": "" }, "systemd.wants=nftables.service")).toBe("starts");
});

test("a unit that nothing asks for is idle", async () => {
  expect(await stateOf({ "/usr/lib/systemd/system/nftables.service": "[Unit]\n" })).toBe("idle");
  expect(await stateOf({ "/etc/systemd/system/other.target.wants/nftables.service": link })).toBe("idle");
  expect(await stateOf({ "/etc/systemd/system/nftables.service": "[Unit]\n" })).toBe("idle");
});

test("a mask beats every link", async () => {
  const wanted = { "/etc/systemd/system/multi-user.target.wants/nftables.service": link };
  const at = "/etc/systemd/system/nftables.service";
  expect(await stateOf({ ...wanted, [at]: { link: "/dev/null" } })).toBe("masked");
  expect(await stateOf({ ...wanted, [at]: { link: "../../../dev/null" } })).toBe("masked");
  expect(await stateOf({ ...wanted, [at]: "" })).toBe("masked");
  expect(await stateOf(wanted, "quiet systemd.mask=nftables.service")).toBe("masked");
});

test("another unit can bring it up, unless that is masked", async () => {
  const wanted = { "/etc/systemd/system/sockets.target.wants/n.socket": "" };
  expect(await stateOf(wanted, "", ["n.socket"])).toBe("starts");
  expect(
    await stateOf({ ...wanted, "/etc/systemd/system/n.socket": { link: "/dev/null" } }, "", ["n.socket"]),
  ).toBe("idle");
});
