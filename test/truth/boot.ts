import { spawn } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cpio } from "../support/cpio.ts";

/** What a booted machine shows. */
export interface Reality {
  /** disable_ipv6 by interface; undefined when there is no IPv6 stack. */
  readonly disableIpv6: Readonly<Record<string, number>> | undefined;
  /** The network card's name. */
  readonly nic: string | undefined;
  /** Addresses of the card, with their prefix lengths. */
  readonly addresses: readonly string[];
  readonly cmdline: string;
}

/**
 * The image is not touched: an initramfs appended to the kernel's leaves a unit in /run, which goes along into the
 * real root. It reports on the second serial line once the machine is up and the network has had its time.
 */
const REPORT = `#!/bin/sh
exec >/dev/ttyS1 2>&1
sleep 12
for d in /proc/sys/net/ipv6/conf/*; do echo "RESULT conf $(basename $d) $(cat $d/disable_ipv6)"; done
[ -d /proc/sys/net/ipv6 ] || echo "RESULT nostack"
for d in /sys/class/net/*; do [ -e $d/device ] && echo "RESULT nic $(basename $d)"; done
sed "s/^/RESULT address /" /proc/net/if_inet6
echo "RESULT cmdline $(cat /proc/cmdline)"
echo "RESULT end"
systemctl poweroff -ff
`;
const UNIT = `[Unit]
After=multi-user.target
[Service]
ExecStart=/bin/sh /run/sixray-report
`;
const HOOK = `#!/bin/sh
case "$1" in prereqs) exit 0 ;; esac
w=/run/systemd/system/multi-user.target.wants
mkdir -p $w
cp /sixray/report /run/sixray-report
cp /sixray/unit /run/systemd/system/sixray-report.service
ln -s ../sixray-report.service $w/sixray-report.service
`;

/** The newest kernel in /boot, and its initramfs with our hook appended, written to `folder`. */
export function prepareKernel(folder: string): { readonly kernel: string; readonly initrd: string } {
  const name = readdirSync("/boot").findLast((one) => one.startsWith("vmlinuz-"));
  if (name === undefined) throw new Error("no kernel in /boot: install linux-image-cloud-amd64");
  const own = readFileSync(`/boot/initrd.img-${name.slice("vmlinuz-".length)}`);
  const order = '/scripts/init-bottom/sixray "$@"\n/scripts/init-bottom/udev "$@"\n';
  const file = (path: string, content: string, mode = 0o100755): Parameters<typeof cpio>[0][number] => ({
    path,
    mode,
    content: Buffer.from(content),
  });
  const added = cpio([
    { path: "sixray", mode: 0o040755 },
    file("sixray/report", REPORT),
    file("sixray/unit", UNIT, 0o100644),
    file("scripts/init-bottom/sixray", HOOK),
    file("scripts/init-bottom/ORDER", order, 0o100644),
  ]);
  const initrd = join(folder, "initrd");
  writeFileSync(initrd, Buffer.concat([own, Buffer.alloc((4 - (own.length % 4)) % 4), added]));
  return { kernel: join("/boot", name), initrd };
}

/** Boots an image to its end; the network answers with router advertisements and DHCP. Undefined: it never reported. */
export async function bootImage(
  image: string,
  { kernel, initrd }: { readonly kernel: string; readonly initrd: string },
  cmdline: string,
  log: string,
): Promise<Reality | undefined> {
  const machine =
    "-M q35 -accel tcg,thread=multi -smp 2 -cpu max -m 1536 -nodefaults -no-reboot -display none";
  const disk = `-drive file=${image},format=raw,if=virtio,snapshot=on`;
  const network = "-netdev user,id=n0,ipv6=on -device virtio-net-pci,netdev=n0";
  const child = spawn(
    "qemu-system-x86_64",
    [
      ...`${machine} -serial file:${log} -serial stdio ${disk} ${network}`.split(" "),
      "-kernel",
      kernel,
      "-initrd",
      initrd,
      "-append",
      cmdline,
    ],
    { timeout: 240_000, killSignal: "SIGKILL", stdio: ["ignore", "pipe", "ignore"] },
  );
  let said = "";
  child.stdout.on("data", (chunk: Buffer) => {
    said += chunk.toString("latin1");
  });
  await new Promise((resolve, reject) => child.on("close", resolve).on("error", reject));
  return parseReport(said);
}

function parseReport(said: string): Reality | undefined {
  const lines = [...said.matchAll(/RESULT ([^\r\n]*)/g)].map((one) => one[1] ?? "");
  if (!lines.includes("end")) return undefined;
  const about = (word: string): readonly string[] =>
    lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
  const nic = about("nic")[0];
  const conf = about("conf").map((line): [string, number] => {
    const [name = "", value] = line.split(" ");
    return [name, Number(value)];
  });
  const addresses = about("address")
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields.at(-1) === nic)
    .map(
      ([address = "", , prefix = ""]) =>
        `${address.replace(/(.{4})(?=.)/g, "$1:")}/${Number.parseInt(prefix, 16)}`,
    );
  return {
    disableIpv6: lines.includes("nostack") ? undefined : Object.fromEntries(conf),
    nic,
    addresses,
    cmdline: about("cmdline")[0] ?? "",
  };
}
