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
