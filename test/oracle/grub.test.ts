import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { booted } from "../support/booted.ts";
import { missing, run, scratch } from "../support/images.ts";
import { random } from "../support/mutate.ts";
import { probeKernel } from "./boot-probe.ts";
import { type Bootable, filesOf, GRUB_CASES } from "./grub-cases.ts";
import { generateScript } from "./grub-scripts.ts";

const why = missing("grub-mkrescue", "xorriso", "mformat", "qemu-system-x86_64");
const CASES_AT_ONCE = 2;

describe.skipIf(why)("what GRUB hands to the kernel", () => {
  const generated = Array.from({ length: Number(process.env.GRUB_SCRIPTS ?? 16) }, (_, seed) => ({
    name: `generated script ${seed}`,
    cfg: generateScript(random(seed + 1)),
  }));
  const queue: (Bootable & { truth?: Promise<string> })[] = [...GRUB_CASES, ...generated];
  const folder = scratch("grub");

  test.concurrent.for(queue.map((one, index) => [one.name, one, index] as const))(
    "%s",
    { timeout: 180_000 },
    async ([, one, index], { expect: check }) => {
      const turn = queue[index - CASES_AT_ONCE];
      await turn?.truth?.catch(() => undefined);
      one.truth = boot(join(folder, String(index)), one);
      const facts = await booted(filesOf(one));
      const truth = await one.truth;
      check(facts.cmdline ?? `unknown: ${facts.cmdlineUnknown}`).toBe(truth);
      if (one.cmdline !== undefined) check(truth).toBe(one.cmdline);
    },
  );
});

async function boot(folder: string, one: Bootable): Promise<string> {
  for (const [path, content] of Object.entries(filesOf(one))) {
    mkdirSync(dirname(join(folder, "iso", path)), { recursive: true });
    writeFileSync(join(folder, "iso", path), content);
  }
  const iso = join(folder, "x.iso");
  run("grub-mkrescue", ["-o", iso, "--locales=", "--fonts=", "--themes=", join(folder, "iso")]);
  for (let attempt = 0; attempt < 2; attempt++) {
    const said = await emulate(iso, join(folder, "serial"));
    if (said.includes("\0")) return said.replace(/\0.*$/s, "").replace(/^BOOT_IMAGE=\S+ ?/, "");
  }
  throw new Error(`GRUB did not boot the probe for: ${one.cfg}`);
}

async function emulate(iso: string, serial: string): Promise<string> {
  const machine = "-M pc -accel tcg,thread=single -cpu qemu64 -m 128 -nodefaults -no-reboot -display none";
  const devices = [
    "-serial",
    `file:${serial}`,
    "-device",
    "isa-debug-exit,iobase=0x501,iosize=2",
    "-cdrom",
    iso,
  ];
  const child = spawn("qemu-system-x86_64", [...machine.split(" "), ...devices], {
    timeout: 60_000,
    stdio: "ignore",
  });
  await new Promise((resolve, reject) => child.on("exit", resolve).on("error", reject));
  return readFileSync(serial, "latin1");
}

test("the probe is what it claims", () => {
  expect(probeKernel().length).toBe(1536);
});
