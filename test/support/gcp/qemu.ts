import { spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { WorkerLine } from "../../../providers/gcp/worker/session.ts";
import { type CpioEntry, cpio } from "../cpio.ts";
import { WORKER_SCRIPT } from "./local-worker.ts";
import { metadataServer } from "./metadata.ts";

/** What a Debian cloud image has and the worker's script uses; no curl: bash speaks to the metadata server. */
const PROGRAMS = [
  ..."dash bash mktemp date mkdir rm cat cut split find wc base64 sha256sum dd sort head tail tr sleep readlink stat".split(
    " ",
  ),
  ..."od ls gzip mawk mount umount blockdev stty ip modprobe ln perl".split(" "),
];
const MODULES = ["virtio_pci", "virtio_blk", "virtio_net", "xfs", "btrfs"];

const INIT = (workers: readonly string[], port: number): string => `#!/bin/sh
export PATH=/bin
mount -t proc proc /proc; mount -t sysfs sysfs /sys; mount -t devtmpfs devtmpfs /dev; mount -t tmpfs tmpfs /tmp
ln -s /proc/self/fd /dev/fd
for module in ${MODULES.join(" ")}; do modprobe $module; done
ip link set lo up; ip link set eth0 up; ip addr add 10.0.2.15/24 dev eth0
for disk in ${workers.join(" ")}; do
  for try in 1 2 3 4 5 6 7 8 9; do [ -b /dev/$disk ] && break; sleep 1; done
  SIXRAY_DISK=/dev/$disk SIXRAY_METADATA=http://10.0.2.2:${port}/computeMetadata/v1/instance/attributes/$disk sh /worker.sh
  echo "sixray-test: $disk ended with $?"
done
echo o >/proc/sysrq-trigger
sleep 10
`;

/** True when this machine can boot a worker. */
export function qemuMissing(): string | undefined {
  if (!kernelVersion()) return "needs a kernel in /boot (linux-image-cloud-amd64)";
  const lacking = [...PROGRAMS, "qemu-system-x86_64", "ldd"].filter((name) => pathOf(name) === undefined);
  return lacking.length > 0 ? `needs ${lacking.join(", ")}` : undefined;
}

export interface Booted {
  /** The line to the worker of this disk (`vda`, `vdb`, ...): they run one after the other. */
  line(disk: string): WorkerLine;
  asks(disk: string): number;
  /** Tells the worker of this disk to end, as deleting the instance would. */
  end(disk: string): void;
  console(): string;
  readonly ended: Promise<void>;
  stop(): void;
}

/** Boots a machine with these disks attached read-only that runs the real startup script on each. */
export async function bootWorker(
  folder: string,
  images: readonly { readonly path: string; readonly token: string }[],
): Promise<Booted> {
  const names = images.map((_, index) => `vd${String.fromCharCode(97 + index)}`);
  const asked = new Map<string, string>();
  const counts = new Map<string, number>();
  const server = await metadataServer((name) => {
    const [disk = "", key = ""] = name.split("/");
    return key === "sixray-token"
      ? images[names.indexOf(disk)]?.token
      : key === "sixray-ask"
        ? asked.get(disk)
        : undefined;
  });
  const version = kernelVersion() ?? "";
  const initrd = join(folder, "initrd");
  writeFileSync(initrd, userland(version, INIT(names, server.port)));
  const serial = join(folder, "serial2");
  const log = join(folder, "serial1");
  writeFileSync(serial, "");
  const child = spawn(
    "qemu-system-x86_64",
    [
      // One processor: two that are emulated wait for each other, which a busy host makes a soft lockup.
      ...`-M q35 -accel tcg -smp 1 -cpu max -m 768 -nodefaults -no-reboot -display none`.split(" "),
      ...`-serial file:${log} -serial file:${serial} -kernel /boot/vmlinuz-${version} -initrd ${initrd}`.split(
        " ",
      ),
      ...`-netdev user,id=n0 -device virtio-net-pci,netdev=n0`.split(" "),
      ...images.flatMap(({ path }) => ["-drive", `file=${path},format=raw,if=virtio,readonly=on`]),
      "-append",
      "console=ttyS0 quiet net.ifnames=0 panic=-1 nowatchdog",
    ],
    { stdio: "ignore" },
  );
  const ended = new Promise<void>((resolve) => child.on("close", () => resolve()));
  return {
    line: (disk) => ({
      async serial(start) {
        if (child.exitCode !== null)
          throw new Error(`qemu ended: ${readFileSync(log, "latin1").slice(-3000)}`);
        const all = readFileSync(serial, "latin1");
        return { contents: all.slice(start), start, next: all.length };
      },
      async ask(text) {
        counts.set(disk, (counts.get(disk) ?? 0) + 1);
        asked.set(disk, text);
      },
    }),
    asks: (disk) => counts.get(disk) ?? 0,
    end: (disk) => void asked.set(disk, "end"),
    console: () => (existsSync(log) ? readFileSync(log, "latin1") : ""),
    ended,
    stop() {
      child.kill("SIGKILL");
      server.close();
    },
  };
}

function kernelVersion(): string | undefined {
  const names = existsSync("/boot") ? readdirSync("/boot") : [];
  return names.findLast((name) => name.startsWith("vmlinuz-"))?.slice("vmlinuz-".length);
}

function pathOf(name: string): string | undefined {
  return ["/usr/bin", "/usr/sbin", "/bin", "/sbin"]
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));
}

/** An initramfs with the programs of this machine, the libraries they need, and a few modules. */
function userland(version: string, init: string): Uint8Array {
  const files = new Map<string, Uint8Array>();
  for (const name of PROGRAMS) {
    const path = pathOf(name) ?? "";
    const as = name === "dash" ? "sh" : name === "mawk" ? "awk" : name;
    files.set(`bin/${as}`, readFileSync(path));
    const libraries = spawnSync("ldd", [path], { encoding: "utf8" }).stdout;
    for (const [, library = ""] of libraries.matchAll(/(\/\S+\.so\S*)/g))
      files.set(library.slice(1), readFileSync(library));
  }
  const modules = `lib/modules/${version}`;
  const dependencies = new Map(
    readFileSync(`/${modules}/modules.dep`, "utf8")
      .split("\n")
      .map((line): [string, string] => {
        const [file = "", needs = ""] = line.split(":");
        return [file, needs];
      }),
  );
  for (const index of readdirSync(`/${modules}`).filter((name) => name.startsWith("modules.")))
    if (existsSync(`/${modules}/${index}`))
      files.set(`${modules}/${index}`, readFileSync(`/${modules}/${index}`));
  for (const [file, needs] of dependencies) {
    const name = file.replace(/.*\/|\.ko.*$/g, "").replaceAll("-", "_");
    if (!MODULES.includes(name) && !/crc32c|libcrc32c|xor|raid6|zstd|blake2b|xxhash|sha256/.test(name))
      continue;
    for (const path of [file, ...needs.trim().split(" ")])
      if (path !== "") files.set(`${modules}/${path}`, readFileSync(`/${modules}/${path}`));
  }
  const strict = "usr/lib/x86_64-linux-gnu/perl-base/strict.pm";
  if (existsSync(`/${strict}`)) files.set(strict, readFileSync(`/${strict}`));
  files.set("init", Buffer.from(init));
  files.set("worker.sh", readFileSync(WORKER_SCRIPT));
  const folders = new Set(["proc", "sys", "dev", "tmp"]);
  for (const path of files.keys())
    for (let at = path.lastIndexOf("/"); at > 0; at = path.lastIndexOf("/", at - 1))
      folders.add(path.slice(0, at));
  const entries: CpioEntry[] = [...folders].toSorted().map((path) => ({ path, mode: 0o040755 }));
  for (const [path, content] of files) entries.push({ path, mode: 0o100755, content });
  return cpio(entries);
}
