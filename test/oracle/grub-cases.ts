import { probeKernel } from "./boot-probe.ts";

export interface Bootable {
  readonly name: string;
  /** `/boot/grub/grub.cfg` */
  readonly cfg: string;
  /** What the kernel gets, when it is known. */
  readonly cmdline?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
}

const three = "menuentry 'a' --id ia { linux /boot/k a }\nmenuentry b --id ib { linux /boot/k b }\n";
const nested = `${three}submenu 'Advanced options' --id adv {
  menuentry k1 --id k1 { linux /boot/k k1 }
  menuentry k2 --id k2 { linux /boot/k k2 }
}\n`;
const defaults: Readonly<Record<string, readonly [set: string, cmdline: string]>> = {
  unset: ["", "a"],
  "an index": ["set default=1", "b"],
  "an index past the end": ["set default=7", "a"],
  "a title": ["set default=b", "b"],
  "an id": ["default=ib", "b"],
  "an unknown name": ["set default=zzz", "a"],
  "a number with a tail": ["set default=1x", "b"],
  "an octal number": ["set default=01", "b"],
  "a submenu": ["set default=adv", "k1"],
  "a path of indexes": ['set default="2>1"', "k2"],
  "a path of titles": ['set default="Advanced options>k2"', "k2"],
  "a path of ids": ['set default="adv>k2"', "k2"],
  "an id below a submenu": ["set default=k2", "a"],
  "a path with an unknown end": ['set default="adv>zzz"', "k1"],
  "an empty value": ["set default=", "a"],
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

/** Configurations and what GRUB 2.06 made of them when they were booted. */
export const GRUB_CASES: readonly (Bootable & { readonly cmdline: string })[] = [
  ...Object.entries(defaults).map(([name, [set, cmdline]]) => ({
    name: `default is ${name}`,
    cfg: `${set}\n${nested}`,
    cmdline,
  })),
  { name: "saved_entry", cmdline: "k2", cfg: savedEntry + nested, env: { saved_entry: "adv>k2" } },
  {
    name: "next_entry wins",
    cmdline: "b",
    cfg: savedEntry + nested,
    env: { saved_entry: "ia", next_entry: "ib" },
  },
  { name: "no environment block", cmdline: "a", cfg: savedEntry + nested },
  {
    name: "variables of the environment block",
    cmdline: "root=x ro quiet ipv6.disable=1 a\\'b end",
    cfg: "load_env\nmenuentry a { linux /boot/k root=x $kernelopts $tuned_params $none end }",
    env: { kernelopts: "ro  quiet ipv6.disable=1", tuned_params: "a'b" },
  },
  {
    name: "quotes in the environment block",
    cmdline: '\\"ipv6.disable=1\\" back\\\\slash "\\"ipv6.disable=1\\" back\\\\slash" end',
    cfg: 'load_env\nmenuentry a { linux /boot/k $k "$k" end }',
    env: { k: '"ipv6.disable=1" back\\slash' },
  },
  {
    name: "quoting",
    cmdline:
      '"a b" "c \\"d\\" $x" "e f" $x "$x \\\\a \\\\" plead trail-q "p lead trail -q"     zcont multi\nline end',
    cfg: `set x=" lead trail "
menuentry a { linux /boot/k "a b" 'c "d" $x' e\\ f \\$x "\\$x \\a \\\\" p$x-q "p$x-q" "" '' $none"" "$none" z\\
cont 'multi
line' end; }`,
  },
  {
    name: "comments and separators",
    cmdline: "a#b 1",
    cfg: `# first
menuentry a { # second
  set y=1; linux /boot/k a#b $y # third
# in column one
}
`,
  },
  {
    name: "a syntax error costs its line only",
    cmdline: "1 3",
    cfg: `set a=1 && set a=2
set b=1
if [ 1 = 1 ]; then
fi
set c=3
menuentry a { linux /boot/k $a $b $c }`,
  },
  { name: "an empty entry is none", cmdline: "a", cfg: "menuentry x { }\nmenuentry a { linux /boot/k a }" },
  {
    name: "a submenu sees only what was exported",
    cmdline: "a= b=2 t=x",
    cfg: "set a=1\nset b=2\nexport b\nsubmenu s { menuentry x { linux /boot/k a=$a b=$b t=$1 } }",
  },
  {
    name: "an entry sees everything, and its title",
    cmdline: 'a=1 T x one two 3 "T x" one two "T x one two"',
    cfg: 'set a=1\nmenuentry \'T x\' one two { linux /boot/k a=$a $1 $2 $3 $# "$@" "$*" }',
  },
  {
    name: "functions, parameters, return, shift",
    cmdline: "/a-stop-2+stop/a-b-3+b! yes no 0",
    cfg: `function f { set r="$r/$1-$2-$#"; shift; set r="$r+$1"; if [ "$1" = stop ]; then return 0; fi; set r="$r!"; return 1; }
if f a stop; then set t=yes; else set t=no; fi
if f a b c; then set u=yes; else set u=no; fi
menuentry a { linux /boot/k $r $t $u $? }`,
  },
  {
    name: "loops",
    cmdline: '"[a][b c]" .1.3 5',
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
    cmdline: "a=11 outer=",
    cfg: "set a=1\nsource /boot/grub/s.cfg\nset outer=x\nconfigfile $prefix/c.cfg\nmenuentry never { linux /boot/k never }",
    files: {
      "/boot/grub/s.cfg": "set a=$a$a\nexport a\nset d=$config_directory",
      "/boot/grub/c.cfg": "set timeout=0\nmenuentry c { linux /boot/k a=$a outer=$outer }",
    },
  },
  {
    name: "tests on files",
    cmdline: "f d s and",
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
    cmdline: "r= s=ok",
    cfg: `function true { set r=hidden; }
true
if no_such_command_here; then set s=ok; else set s=failed; fi
menuentry a { linux /boot/k r=$r s=$s }`,
  },
  { name: "a command line without a menu", cmdline: "direct", cfg: "linux /boot/k direct $none\nboot\n" },
  {
    name: "carriage returns",
    cmdline: "a=1",
    cfg: "set a=1\r\nmenuentry a {\r\n  linux /boot/k a=$a\r\n}\r\n",
  },
];

export function filesOf({ cfg, env, files }: Bootable): Readonly<Record<string, string | Uint8Array>> {
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
