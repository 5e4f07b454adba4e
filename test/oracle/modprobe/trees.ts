import fc from "fast-check";
import type { FlatFiles } from "../../support/machine.ts";

const pick = <T>(...some: readonly [T, ...T[]]): fc.Arbitrary<T> => fc.constantFrom(...some);
const mostly = (
  usual: readonly [string, ...string[]],
  odd: readonly [string, ...string[]],
): fc.Arbitrary<string> =>
  fc.oneof({ weight: 8, arbitrary: pick(...usual) }, { weight: 2, arbitrary: pick(...odd) });

const module = mostly(
  ["ipv6", "ipv6", "ipv6", "net-pf-10", "net_pf_10", "ip6dep"],
  [
    "ipv?",
    "ip*",
    "net-pf-*",
    "[i]pv6",
    "*",
    "ipv6\r",
    "IPv6",
    "ipv[4-6]",
    "i]pv6",
    "[ipv6",
    "ip6-dep",
    "net-pf-[0-9]0",
    "other",
    "net[-]pf-10",
  ],
);
const target = mostly(["ipv6", "off", "ip6dep"], ["net-pf-10", "ipv6\r", "other", "null", "ip6dep extra"]);
const option = mostly(
  ["disable=1", "disable=0", "disable_ipv6=1", "autoconf=0"],
  [
    "disable=0x1 disable=0",
    'disable="1"',
    "disable = 1",
    "disable=1\r",
    "disable",
    "disable=1 # x",
    "  disable=1  ",
    "-",
  ],
);
const command = mostly(
  ["/bin/true", "/bin/false", "modprobe --ignore-install ipv6"],
  [":", "/bin/true $CMDLINE_OPTS", "/bin/true\r", "true; x", " /bin/true", "echo a\tb"],
);
const softdep = pick(
  "pre: ip6dep",
  "post: ip6dep",
  "pre: ipv6",
  "pre: other",
  "pre: net-pf-10 post: ip6dep",
  "ip6dep",
  "pre:",
);
const gap = mostly([" "], ["\t", "  ", " \t ", "\v"]);
const command1 = (keyword: string, ...rest: readonly fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
  fc.tuple(...rest.flatMap((one) => [gap, one])).map((parts) => `${keyword}${parts.join("")}`);

const line = fc.oneof(
  { weight: 4, arbitrary: command1("blacklist", module) },
  { weight: 4, arbitrary: command1("install", module, command) },
  { weight: 5, arbitrary: command1("options", module, option) },
  { weight: 4, arbitrary: command1("alias", module, target) },
  { weight: 2, arbitrary: command1("softdep", module, softdep) },
  {
    weight: 3,
    arbitrary: pick(
      "# blacklist ipv6",
      " # blacklist ipv6",
      "#x \\",
      "blacklist \\",
      "ipv6",
      "Blacklist ipv6",
      "blacklist",
      "install ipv6",
      "options ipv6 ",
      "alias net-pf-10",
      "remove ipv6 /bin/true",
      "include /etc/modprobe.d/x.conf",
      "black\\list ipv6",
      "blacklist ipv6 # x",
      "\ufeffblacklist ipv6",
      "blacklist ipv6\0x",
      "\0blacklist ipv6",
      "weakdep ipv6 ip6dep",
      "a\\\\",
      `# ${"x".repeat(3000)}`,
    ),
  },
);
const start = mostly([""], [" ", "\t"]);
const ending = mostly(["\n"], ["\r\n", "\\\n", "\n\n", "\r", " \n", "\\"]);
const text = fc
  .tuple(fc.array(fc.tuple(start, line, ending), { maxLength: 4 }), fc.boolean())
  .map(([lines, whole]) => (whole ? lines.flat().join("") : lines.flat().join("").replace(/\n$/, "")));
const link = pick("/dev/null", "../../dev/null", "nowhere", "x.conf", "/etc/modprobe.d/a.conf").map((to) => ({
  link: to,
}));
const content = fc.oneof(
  { weight: 16, arbitrary: text },
  { weight: 3, arbitrary: link },
  { weight: 1, arbitrary: fc.constant("") },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 100 }) },
  { weight: 1, arbitrary: fc.constant({ "inner.conf": "blacklist ipv6\n" }) },
);
const name = mostly(
  ["a.conf", "b.conf", "x.conf", "10.conf", "9.conf", "Z.conf"],
  [".h.conf", "x.conf.bak", "y.alias", ".conf", "x", "é.conf", "modules.conf"],
);
const word = mostly(
  ["ipv6.disable=1", "ipv6.disable=0", "quiet", "modprobe.blacklist=ipv6", "ipv6.disable_ipv6=1"],
  [
    "--",
    '"ipv6.disable=1"',
    'ipv6.disable="1"',
    "net-pf-10.disable=1",
    "net_pf_10.x=2",
    "modprobe.blacklist=a,ipv6,b",
    "modprobe-blacklist=ipv6",
    '"modprobe.blacklist=ipv6"',
    "ipv6.disable",
    "ipv6.a.b=1",
    "ipv6=disable=1",
    'x="a b" ipv6.disable=1',
    'ipv6.dis"able=1',
    "module_blacklist=ipv6",
    "ipv6.disable=1,2 ip6dep.x=1",
    ".x=1",
  ],
);

export interface ModprobeCase {
  readonly files: FlatFiles;
  readonly cmdline: string;
}

/** Everything in the folders of modprobe.d, and a kernel command line. */
export function cases(folders: readonly string[]): fc.Arbitrary<ModprobeCase> {
  const files = fc
    .tuple(
      fc.option(text, { freq: 8 }),
      fc.array(fc.tuple(pick("/etc", ...folders), name, content), { minLength: 1, maxLength: 5 }),
    )
    .map(([conf, all]) => ({
      ...(conf === null ? {} : { "/etc/modprobe.conf": conf }),
      ...Object.fromEntries(all.map(([folder, file, what]) => [`${folder}/modprobe.d/${file}`, what])),
    }));
  const cmdline = fc.oneof(
    { weight: 3, arbitrary: fc.constant("quiet") },
    { weight: 2, arbitrary: fc.array(word, { maxLength: 4 }).map((words) => words.join(" ")) },
  );
  return fc.record({ files, cmdline });
}
