import fc from "fast-check";
import type { FlatFiles } from "../../support/machine.ts";

/** Interfaces of the namespace, and names that are not there. */
export const INTERFACES = ["all", "default", "lo", "eth0", "ens5", "eth0.100"] as const;

const pick = <T>(...some: readonly [T, ...T[]]): fc.Arbitrary<T> => fc.constantFrom(...some);

const plainName = pick("all", "default", "lo", "eth0", "ens5", "eth9", "eth0/100", "eth0.100", "All", "");
const pattern = fc.oneof(
  pick("*", "e*", "?th0", "[a-e]*", "[!a]*", "[^de]*", "[[:alpha:]]*", "eth0*", "*0", "{all,eth*}", "[]e]*"),
  pick("[e", "e\\*", "*.*", "e[t-t]h[0-9]", "{a*,{d*,l?}}", "**", "e*/100", "[a/e]*", "{all,default}", "d*t"),
);
const value = fc.oneof(
  { weight: 12, arbitrary: pick("0", "1") },
  {
    weight: 4,
    arbitrary: pick(
      "2",
      "-1",
      "01",
      "00",
      "0x1",
      "0X0",
      "-0",
      "+1",
      "1 0",
      "0 1",
      "1\t# x",
      "1 # c",
      "08",
      "1#",
    ),
  },
  {
    weight: 2,
    arbitrary: pick(
      "",
      "true",
      '"1"',
      "'0'",
      "1.0",
      "1,0",
      "4294967297",
      "-2147483649",
      "2147483647",
      "=1",
      "x",
    ),
  },
  {
    weight: 1,
    arbitrary: pick(
      `${"0".repeat(19)}1`,
      `${"0".repeat(20)}1`,
      `1${" ".repeat(6000)}0`,
      "1\v",
      "\v1",
      "1\f0",
      "é",
    ),
  },
);
const space = fc.oneof(
  { weight: 6, arbitrary: pick("", " ") },
  { weight: 1, arbitrary: pick("\t", "  ", "\v", "\f", "\r") },
);
const dash = fc.oneof(
  { weight: 8, arbitrary: fc.constant("") },
  { weight: 2, arbitrary: pick("-", "- ", "--", " -") },
);

const dotted = (name: string): string => `net.ipv6.conf.${name}.disable_ipv6`;
const slashed = (name: string): string => `net/ipv6/conf/${name}/disable_ipv6`;
const key = fc.oneof(
  { weight: 10, arbitrary: plainName.map(dotted) },
  { weight: 4, arbitrary: plainName.map(slashed) },
  { weight: 4, arbitrary: pattern.map(dotted) },
  { weight: 1, arbitrary: pattern.map(slashed) },
  {
    weight: 1,
    arbitrary: plainName.chain((name) =>
      pick(
        `/net/ipv6/conf/${name}/disable_ipv6`,
        `net.ipv6/conf/${name}/disable_ipv6`,
        `net//ipv6/conf/./${name}/disable_ipv6`,
        `net.ipv6..conf.${name}.disable_ipv6`,
        `net/ipv6/../ipv6/conf/${name}/disable_ipv6`,
        `net/ipv6/conf/${name}/disable_ipv6/`,
        `/proc/sys/net/ipv6/conf/${name}/disable_ipv6`,
        `net.*.conf.${name}.disable_ipv6`,
        `*.ipv6.conf.${name}.disable_ipv*`,
        `net.ipv6.conf.${name}.disable_ipv?`,
        `Net.ipv6.conf.${name}.disable_ipv6`,
        `net.ipv6.conf.${name}.autoconf`,
      ),
    ),
  },
);
const assignment = fc
  .tuple(space, dash, key, space, space, value, space)
  .map(([a, sign, name, b, c, what, d]) => `${a}${sign}${name}${b}=${c}${what}${d}`);
const exclusion = fc.tuple(pick("-", "- ", " -", "--"), key, space).map((parts) => parts.join(""));
const odd = fc.oneof(
  pick(
    "# net.ipv6.conf.all.disable_ipv6=1",
    ";net.ipv6.conf.all.disable_ipv6=1",
    " # x",
    "nonsense",
    "=1",
    "-",
    "=",
  ),
  pick(
    "net.ipv6.conf.all.disable_ipv6",
    "net.ipv6.conf.all.disable_ipv6 1",
    "\\",
    "net.ipv6.conf.all.disable_ipv6=1\\",
  ),
  pick(
    "\ufeffnet.ipv6.conf.all.disable_ipv6=1",
    "x\0net.ipv6.conf.all.disable_ipv6=1",
    "net.ipv6.conf.eth0.disable_ipv6=1\0",
    "\0",
    "\r",
    `#${"x".repeat(5000)}`,
    "\xff\xfe\x00",
  ),
);
const line = fc.oneof(
  { weight: 12, arbitrary: assignment },
  { weight: 2, arbitrary: exclusion },
  { weight: 1, arbitrary: odd },
);
const ending = fc.oneof(
  { weight: 12, arbitrary: fc.constant("\n") },
  { weight: 1, arbitrary: pick("\r\n", "\r", "\n\r", "\n\n", "\0", "\r\r\n") },
);
const text = fc
  .tuple(
    pick("", "\ufeff", "", "", "", "", "", "", "", ""),
    fc.array(fc.tuple(line, ending), { maxLength: 5 }),
    fc.boolean(),
  )
  .map(([start, lines, whole]) => {
    const all = start + lines.flat().join("");
    return whole ? all : all.replace(/[\r\n\0]+$/, "");
  });
const junk = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  text.map((one) => Buffer.from(one, "utf16le")),
  fc
    .tuple(pick(70_000, 1_000_000), text)
    .map(([length, one]) => Buffer.from(`#${"y".repeat(length)}\n${one}`)),
);
const link = pick(
  "/dev/null",
  "../../dev/null",
  "nowhere",
  "/etc/sysctl.conf",
  "../sysctl.conf",
  "x.conf",
  "10-a.conf",
  "/etc/sysctl.d/99-sysctl.conf",
  "/usr/lib/sysctl.d",
).map((target) => ({ link: target }));
const content = fc.oneof(
  { weight: 20, arbitrary: text },
  { weight: 3, arbitrary: link },
  { weight: 1, arbitrary: fc.constant("") },
  { weight: 1, arbitrary: junk },
  { weight: 1, arbitrary: fc.constant({ "inner.conf": "net.ipv6.conf.all.disable_ipv6=1\n" }) },
);
const name = fc.oneof(
  {
    weight: 8,
    arbitrary: pick(
      "10-a.conf",
      "10.conf",
      "9.conf",
      "99-sysctl.conf",
      "Z.conf",
      "x.conf",
      "50-default.conf",
    ),
  },
  {
    weight: 1,
    arbitrary: pick(
      "a.conf.bak",
      ".h.conf",
      ".conf",
      "a.CONF",
      "é.conf",
      "a b.conf",
      "10-a.conf~",
      "b.conf.",
    ),
  },
);

/** Everything in the folders of sysctl.d, and sysctl.conf: same names, masks, links, junk. */
export function trees(folders: readonly string[]): fc.Arbitrary<FlatFiles> {
  return fc
    .tuple(
      fc.option(fc.oneof({ weight: 5, arbitrary: text }, { weight: 1, arbitrary: link }), { freq: 4 }),
      fc.array(fc.tuple(pick("/etc", ...folders), name, content), { minLength: 1, maxLength: 6 }),
    )
    .map(([conf, files]) => ({
      ...(conf === null ? {} : { "/etc/sysctl.conf": conf }),
      ...Object.fromEntries(files.map(([folder, file, what]) => [`${folder}/sysctl.d/${file}`, what])),
    }));
}
