import { expect, test } from "vitest";
import { linesOf } from "../../lines.ts";
import { type Modules, modprobe } from "./kmod.ts";
import { type Command, parseKernelCommandLine, parseModprobe } from "./parse.ts";

const MODULES: Modules = new Map([
  ["ipv6", { depends: [], aliases: ["net_pf_10"] }],
  ["dependent", { depends: ["ipv6"], aliases: [] }],
]);

function commands(text: string): readonly Command[] {
  return parseModprobe({ path: "x", locator: "x", lines: linesOf(Buffer.from(text)) }, "");
}

function actions(text: string, name: string, applyBlacklist = false): readonly string[] {
  return modprobe(commands(text), MODULES, name, applyBlacklist).actions.map(
    ({ kind, module, text: command, options }) => `${kind} ${module} ${command}${options}`.trimEnd(),
  );
}

test.for([
  ["blacklist ipv6", "ipv6", ["insmod ipv6"]],
  ["blacklist ipv6", "net-pf-10", []],
  ["blacklist ipv6", "dependent", ["insmod ipv6", "insmod dependent"]],
  ["blacklist ipv6\r", "net-pf-10", ["insmod ipv6"]],
  ["#x \\\nblacklist ipv6", "net-pf-10", ["insmod ipv6"]],
  ["black\\list ipv6", "net-pf-10", []],
  ["Blacklist ipv6", "net-pf-10", ["insmod ipv6"]],
  ["install ipv6 /bin/true", "net-pf-10", ["install ipv6 /bin/true"]],
  ["install ipv6 /bin/true", "dependent", ["install ipv6 /bin/true", "insmod dependent"]],
  ["install ipv? a\ninstall ipv6 b", "ipv6", ["install ipv6 a"]],
  ["install net-pf-10 a", "net-pf-10", ["install net_pf_10 a"]],
  ["install net-pf-10 a", "ipv6", ["insmod ipv6"]],
  ["install ipv6 a\nsoftdep ipv6 pre: other", "ipv6", ["install ipv6 a"]],
  [
    "install ipv6 a\nsoftdep ipv6 post: dependent",
    "ipv6",
    ["insmod ipv6", "insmod ipv6", "insmod dependent"],
  ],
  ["alias net-pf-10 off", "net-pf-10", []],
  ["alias net-pf-10 off", "ipv6", ["insmod ipv6"]],
  ["alias ipv6 off", "ipv6", []],
  ["alias net-pf-* dependent", "net-pf-10", ["insmod ipv6", "insmod dependent"]],
  ["options ipv6 a=1\noptions net-pf-10 b=2", "ipv6", ["insmod ipv6 a=1"]],
  ["options ipv6 a=1\noptions net-pf-10 b=2", "net-pf-10", ["insmod ipv6 a=1 b=2"]],
] as const)("%j, modprobe %s", ([text, name, expected]) => {
  expect(actions(text, name)).toEqual(expected);
});

test("-b applies the blacklist to names, too", () => {
  expect(actions("blacklist ipv6", "ipv6", true)).toEqual([]);
});

test.for([
  ["-- ipv6.disable=1", ["ipv6 disable=1"]],
  ['"ipv6.disable=1"', ['ipv6 disable="1"']],
  ['x="a ipv6.disable=1" ipv6.disable=0', ["ipv6 disable=0"]],
  ['ipv6.a.b=1 ipv6=c.d .x=1 ipv6.dis"able=1', [" x=1"]],
  ["modprobe.blacklist=a,ipv6", ["a ", "ipv6 "]],
] as const)("kernel command line: %s", ([text, expected]) => {
  expect(parseKernelCommandLine(text, true).map(({ subject, rest }) => `${subject} ${rest}`)).toEqual(
    expected,
  );
});
