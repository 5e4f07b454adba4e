import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type BootState, INITIAL_STATE } from "../../src/ipv6/layer.ts";
import { cmdline as layer } from "../../src/ipv6/layers/cmdline/layer.ts";
import { observe } from "../../src/model/observations.ts";
import { cpio } from "../support/cpio.ts";
import { missing, scratch } from "../support/images.ts";

/** Any kernel with IPv6 built in does (Debian: linux-image-cloud-amd64), with a static BusyBox (busybox-static). */
const KERNEL = readdirSync("/boot")
  .filter((name) => name.startsWith("vmlinuz-"))
  .map((name) => join("/boot", name))
  .at(-1);
const BUSYBOX = ["/bin/busybox", "/usr/bin/busybox"].find((path) => existsSync(path));
const why =
  missing("qemu-system-x86_64") ??
  (KERNEL === undefined
    ? "needs a kernel in /boot"
    : BUSYBOX === undefined
      ? "needs busybox-static"
      : undefined);
if (why && process.env.REQUIRE_ORACLES === "1") throw new Error(why);

/** Each is booted; the first few always, all with KERNEL_CASES=all. */
const LINES: readonly string[] = [
  "",
  "ipv6.disable=1",
  "ipv6.disable_ipv6=1",
  "sysctl.net.ipv6.conf.all.disable_ipv6=1",
  "ipv6.disable=1 ipv6.disable=0",
  "-- ipv6.disable=1",
  "ipv6.disable_ipv6=1 sysctl.net.ipv6.conf.all.disable_ipv6=0",
  "ipv6.disable=2",
  "ipv6.disable=-1",
  "ipv6.disable=01",
  "ipv6.disable=0x1",
  "ipv6.disable=+1",
  'ipv6.disable="1"',
  '"ipv6.disable=1"',
  "ipv6.disable",
  "ipv6.disable=",
  "ipv6.disable=y",
  "ipv6.disable=1,",
  "ipv6.disable=1foo",
  "ipv6.disable= 1",
  'ipv6.disable=" 1"',
  "ipv6.disable=99999999999",
  "ipv6.disable=0 ipv6.disable=1 ipv6.disable=x",
  "IPV6.disable=1",
  "ipv6.disable-ipv6=1",
  "disable_ipv6=1 noipv6 ipv6=off ipv6_disable=1",
  "net.ipv6.conf.all.disable_ipv6=1",
  "sysctl/net/ipv6/conf/default/disable_ipv6=1",
  "sysctl.net/ipv6/conf/lo/disable_ipv6=1",
  "sysctl.net.ipv6.conf.all.disable_ipv6=1 sysctl.net.ipv6.conf.default.disable_ipv6=0",
  "sysctl.net.ipv6.conf.all.disable-ipv6=1",
  "sysctl.net.ipv6.conf.all.disable_ipv6=yes",
  'sysctl.net.ipv6.conf.all.disable_ipv6="1"',
  "sysctl.net.ipv6.conf.all.disable_ipv6",
  "sysctl.net.ipv6.conf.all.disable_ipv6=",
  "-- sysctl.net.ipv6.conf.all.disable_ipv6=1",
  "initcall_blacklist=inet6_init",
  "initcall_blacklist=x,inet6_init initcall_blacklist=y",
  "initcall_blacklist=inet6_initx",
  "module_blacklist=ipv6 modprobe.blacklist=ipv6",
  "ipv6.autoconf=0",
  "\tipv6.disable=1\t",
  'x="a ipv6.disable=1 b"',
  'x="a ipv6.disable=1',
];
const ALWAYS = 4;
const CASES = process.env.KERNEL_CASES === "all" ? LINES : LINES.slice(0, ALWAYS);

const INIT = `#!/bin/busybox sh
busybox mount -t proc proc /proc
busybox mount -t sysfs sys /sys
c=/proc/sys/net/ipv6/conf
if [ -d /proc/sys/net/ipv6 ]; then
  echo "RESULT stack all=$(busybox cat $c/all/disable_ipv6) default=$(busybox cat $c/default/disable_ipv6) lo=$(busybox cat $c/lo/disable_ipv6)"
  echo 1 >$c/default/disable_ipv6
  echo 0 >$c/lo/disable_ipv6
  echo x >$c/all/disable_ipv6
  echo "REFUSED default=$(busybox cat $c/default/disable_ipv6) lo=$(busybox cat $c/lo/disable_ipv6)"
else echo "RESULT none"; fi
busybox poweroff -f
`;

describe.skipIf(why)("what the kernel makes of its command line", () => {
  const initrd = join(scratch("kernel"), "initrd");
  if (!why && BUSYBOX)
    writeFileSync(
      initrd,
      cpio([
        ...["bin", "proc", "sys", "dev"].map((path) => ({ path, mode: 0o040755 })),
        { path: "bin/busybox", mode: 0o100755, content: readFileSync(BUSYBOX) },
        { path: "init", mode: 0o100755, content: Buffer.from(INIT) },
      ]),
    );

  for (const line of CASES)
    test(line === "" ? "(nothing)" : line, { timeout: 90_000 }, async () => {
      const said = await boot(initrd, line);
      expect(said.refused ?? "default=1 lo=0", "a value that is refused changes nothing").toBe(
        "default=1 lo=0",
      );
      expect(predicted(line)).toBe(said.result);
    });
});

function predicted(text: string): string {
  const facts = layer.read(observe({ entries: new Map() }), {
    cmdline: text,
    cmdlineEvidence: [],
    kernelVersion: undefined,
    nicNames: [],
    notes: [],
  });
  const before: BootState = { ...INITIAL_STATE, stack: "present", loads: "boot" };
  const { stack, all, default: later, lo } = layer.effect(facts, before).state;
  return stack === "present" ? `stack all=${all} default=${later} lo=${lo}` : "none";
}

interface Said {
  readonly result: string;
  readonly refused: string | undefined;
}

/** The serial line has no flow control on the way out: a boot that hangs is tried again. */
async function boot(initrd: string, line: string): Promise<Said> {
  for (let attempt = 0; attempt < 3; attempt++) {
    const said = await emulate(initrd, line);
    const result = /RESULT ([^\r\n]*)/.exec(said)?.[1];
    if (result !== undefined) return { result, refused: /REFUSED ([^\r\n]*)/.exec(said)?.[1] };
  }
  throw new Error(`the kernel did not boot with: ${line}`);
}

async function emulate(initrd: string, line: string): Promise<string> {
  const machine =
    "-M pc -accel tcg,thread=single -cpu qemu64 -m 512 -nodefaults -no-reboot -display none -serial stdio";
  const args = [
    "-kernel",
    KERNEL ?? "",
    "-initrd",
    initrd,
    "-append",
    `console=ttyS0 quiet panic=-1 nokaslr ${line}`,
  ];
  const child = spawn("qemu-system-x86_64", [...machine.split(" "), ...args], {
    timeout: 25_000,
    killSignal: "SIGKILL",
    stdio: ["ignore", "pipe", "ignore"],
  });
  let said = "";
  child.stdout.on("data", (chunk: Buffer) => {
    said += chunk.toString("latin1");
  });
  await new Promise((resolve, reject) => child.on("close", resolve).on("error", reject));
  return said;
}
