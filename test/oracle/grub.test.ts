import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { booted } from "../support/booted.ts";
import { missing, run, scratch } from "../support/images.ts";
import { random } from "../support/mutate.ts";
import { probeKernel } from "./boot-probe.ts";
import { generateScript } from "./grub-scripts.ts";

const why = missing("grub-mkrescue", "xorriso", "mformat", "qemu-system-x86_64");
const CASES_AT_ONCE = 2;

interface Case {
  readonly name: string;
  readonly cfg: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
}

const three = "menuentry 'a' --id ia { linux /boot/k a }\nmenuentry b --id ib { linux /boot/k b }\n";
const nested = `${three}submenu 'Advanced options' --id adv {
  menuentry k1 --id k1 { linux /boot/k k1 }
  menuentry k2 --id k2 { linux /boot/k k2 }
}\n`;
const defaults: Readonly<Record<string, string>> = {
  unset: "",
  "an index": "set default=1",
  "an index past the end": "set default=7",
  "a title": "set default=b",
  "an id": "default=ib",
  "an unknown name": "set default=zzz",
  "a number with a tail": "set default=1x",
  "an octal number": "set default=01",
  "a submenu": "set default=adv",
  "a path of indexes": 'set default="2>1"',
  "a path of titles": 'set default="Advanced options>k2"',
  "a path of ids": 'set default="adv>k2"',
  "an id below a submenu": "set default=k2",
  "a path with an unknown end": 'set default="adv>zzz"',
  "an empty value": "set default=",
};
const savedEntry = `load_env
if [ "\${next_entry}" ] ; then
   set default="\${next_entry}"
   set next_entry=
   save_env next_entry
   set boot_once=true
else
   set default="\${saved_entry}"
fi
`;

const CASES: readonly Case[] = [
  ...Object.entries(defaults).map(([name, set]) => ({
    name: `default is ${name}`,
    cfg: `${set}\n${nested}`,
  })),
  { name: "saved_entry", cfg: savedEntry + nested, env: { saved_entry: "adv>k2" } },
  { name: "next_entry wins", cfg: savedEntry + nested, env: { saved_entry: "ia", next_entry: "ib" } },
  { name: "no environment block", cfg: savedEntry + nested },
  {
    name: "variables of the environment block",
    cfg: "load_env\nmenuentry a { linux /boot/k root=x $kernelopts $tuned_params $none end }",
    env: { kernelopts: "ro  quiet ipv6.disable=1", tuned_params: "a'b" },
  },
  {
    name: "quotes in the environment block",
    cfg: 'load_env\nmenuentry a { linux /boot/k $k "$k" end }',
    env: { k: '"ipv6.disable=1" back\\slash' },
  },
  {
    name: "quoting",
    cfg: `set x=" lead trail "
menuentry a { linux /boot/k "a b" 'c "d" $x' e\\ f \\$x "\\$x \\a \\\\" p$x-q "p$x-q" "" '' $none"" "$none" z\\
cont 'multi
line' end; }`,
  },
  {
    name: "comments and separators",
    cfg: `# first
menuentry a { # second
  set y=1; linux /boot/k a#b $y # third
# in column one
}
`,
  },
  {
    name: "a syntax error costs its line only",
    cfg: `set a=1 && set a=2
set b=1
if [ 1 = 1 ]; then
fi
set c=3
menuentry a { linux /boot/k $a $b $c }`,
  },
  { name: "an empty entry is none", cfg: "menuentry x { }\nmenuentry a { linux /boot/k a }" },
  {
    name: "a submenu sees only what was exported",
    cfg: "set a=1\nset b=2\nexport b\nsubmenu s { menuentry x { linux /boot/k a=$a b=$b t=$1 } }",
  },
  {
    name: "an entry sees everything, and its title",
    cfg: 'set a=1\nmenuentry \'T x\' one two { linux /boot/k a=$a $1 $2 $3 $# "$@" "$*" }',
  },
  {
    name: "functions, parameters, return, shift",
    cfg: `function f { set r="$r/$1-$2-$#"; shift; set r="$r+$1"; if [ "$1" = stop ]; then return 0; fi; set r="$r!"; return 1; }
if f a stop; then set t=yes; else set t=no; fi
if f a b c; then set u=yes; else set u=no; fi
menuentry a { linux /boot/k $r $t $u $? }`,
  },
  {
    name: "loops",
    cfg: `for i in a "b c" $none d; do
  if [ $i = d ]; then break; fi
  set r="$r[$i]"
done
set n=0
while [ $n -lt 3 ]; do
  if [ $n = 0 ]; then set n=1; elif [ $n = 1 ]; then set n=2; else set n=3; fi
  if [ $n = 2 ]; then continue; fi
  set w="$w.$n"
done
until [ "$n" = 5 ]; do set n=5; done
menuentry a { linux /boot/k "$r" $w $n }`,
  },
  {
    name: "source and configfile",
    cfg: "set a=1\nsource /boot/grub/s.cfg\nset outer=x\nconfigfile $prefix/c.cfg\nmenuentry never { linux /boot/k never }",
    files: {
      "/boot/grub/s.cfg": "set a=$a$a\nexport a\nset d=$config_directory",
      "/boot/grub/c.cfg": "set timeout=0\nmenuentry c { linux /boot/k a=$a outer=$outer }",
    },
  },
  {
    name: "tests on files",
    cfg: `set r=
if [ -f /boot/grub/s.cfg ]; then set r="$r f"; fi
if [ -f /boot/grub ]; then set r="$r dir-f"; fi
if [ -d /boot/grub ]; then set r="$r d"; fi
if [ -e /boot/none ]; then set r="$r none"; fi
if [ -s /boot/grub/empty ]; then set r="$r empty"; fi
if [ -s /boot/grub/s.cfg ]; then set r="$r s"; fi
if [ ! -f /boot/none -a -f /boot/grub/s.cfg ]; then set r="$r and"; fi
menuentry a { linux /boot/k $r }`,
    files: { "/boot/grub/s.cfg": "true\n", "/boot/grub/empty": "" },
  },
  {
    name: "unknown commands succeed, functions do not hide commands",
    cfg: `function true { set r=hidden; }
true
if no_such_command_here; then set s=ok; else set s=failed; fi
menuentry a { linux /boot/k r=$r s=$s }`,
  },
  { name: "a command line without a menu", cfg: "linux /boot/k direct $none\nboot\n" },
  { name: "carriage returns", cfg: "set a=1\r\nmenuentry a {\r\n  linux /boot/k a=$a\r\n}\r\n" },
];

describe.skipIf(why)("what GRUB hands to the kernel", () => {
  const queue = [
    ...CASES,
    ...Array.from({ length: Number(process.env.GRUB_SEEDS ?? 16) }, (_, seed) => ({
      name: `generated script ${seed}`,
      cfg: generateScript(random(seed + 1)),
    })),
  ].map((one) => ({ ...one, truth: undefined as Promise<string> | undefined }));
  const folder = scratch("grub");

  test.concurrent.for(queue.map((one, index) => [one.name, one, index] as const))(
    "%s",
    { timeout: 180_000 },
    async ([, one, index], { expect: check }) => {
      const turn = queue[index - CASES_AT_ONCE];
      await turn?.truth?.catch(() => undefined);
      one.truth = boot(join(folder, String(index)), one);
      const facts = await booted(filesOf(one));
      check(facts.cmdline ?? `unknown: ${facts.cmdlineUnknown}`).toBe(await one.truth);
    },
  );
});

function filesOf({ cfg, env, files }: Case): Readonly<Record<string, string | Uint8Array>> {
  return {
    "/boot/k": probeKernel(),
    "/boot/grub/grub.cfg": `set timeout=0\n${cfg}`,
    ...files,
    ...(env === undefined ? {} : { "/boot/grub/grubenv": envBlock(env) }),
  };
}

/** As `grub-editenv` writes it: backslashes escaped, filled up to 1 KiB. */
function envBlock(env: Readonly<Record<string, string>>): string {
  const lines = Object.entries(env).map(([name, value]) => `${name}=${value.replaceAll("\\", "\\\\")}\n`);
  return `# GRUB Environment Block\n${lines.join("")}`.padEnd(1024, "#");
}

async function boot(folder: string, one: Case): Promise<string> {
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
