import { describe, expect, test } from "vitest";
import { linesOf } from "../../lines.ts";
import { type Dialect, lineEndOf, parseLines } from "./parse.ts";

function parsed(text: string, dialect: Dialect): readonly (readonly [string, string | undefined])[] {
  const lines = linesOf(Buffer.from(text), lineEndOf(dialect));
  return parseLines({ lines, locator: "x" }, dialect).map(({ key, value }) => [key, value]);
}

const ALL: readonly Dialect[] = ["systemd", "procps-4", "procps-3", "busybox"];

const ALL_DIALECTS: readonly Dialect[] = [...ALL, "systemd-243", "systemd-old"];

describe("what all programs agree on", () => {
  test.for([
    ["net.ipv6.conf.all.disable_ipv6=1", "net/ipv6/conf/all/disable_ipv6", "1"],
    [" net.ipv6.conf.all.disable_ipv6 = 1 ", "net/ipv6/conf/all/disable_ipv6", "1"],
    ["net/ipv6/conf/eth0.100/disable_ipv6=0", "net/ipv6/conf/eth0.100/disable_ipv6", "0"],
    ["net.ipv6.conf.all.disable_ipv6 = 1 # x", "net/ipv6/conf/all/disable_ipv6", "1 # x"],
    ["net.ipv6.conf.all.disable_ipv6=1\r\n", "net/ipv6/conf/all/disable_ipv6", "1"],
  ] as const)("%s", ([text, key, value]) => {
    for (const dialect of ALL) expect(parsed(text, dialect), dialect).toEqual([[key, value]]);
  });

  test.for(["# a=1", ";a=1", "", "nonsense", " \t "])("nothing in %s", (text) => {
    for (const dialect of ALL) expect(parsed(text, dialect), dialect).toEqual([]);
  });
});

describe("where they differ", () => {
  const key = "net/ipv6/conf/all/disable_ipv6";
  test.for([
    [
      "a dash",
      "-a.b=1",
      { systemd: "a/b", "systemd-old": undefined, "procps-4": "a/b", "procps-3": "a/b", busybox: "-a/b" },
    ],
    ["a dash and a blank", "- a.b=1", { systemd: "a/b", "procps-4": " a/b", "procps-3": " a/b" }],
    ["two dashes", "--a.b=1", { systemd: "-a/b", "procps-4": "a/b", "procps-3": "-a/b" }],
    [
      "an exclusion",
      "-a.b",
      {
        systemd: "a/b",
        "systemd-243": undefined,
        "procps-4": "a/b",
        "procps-3": undefined,
        busybox: undefined,
      },
    ],
    [
      "an empty value",
      "a.b=",
      { systemd: "a/b", "procps-4": "a/b", "procps-3": undefined, busybox: undefined },
    ],
    [
      "slashes too many",
      "/a//./b/=1",
      { systemd: "a/b", "procps-4": "/a//./b/", "procps-3": "/a//./b/", busybox: undefined },
    ],
    ["an equals sign in front", "=a.b=1", { systemd: "", "procps-4": "", "procps-3": "a/b" }],
    [
      "a name with a dot",
      "net.ipv6.conf.eth0.100.disable_ipv6=1",
      { systemd: "net/ipv6/conf/eth0/100/disable_ipv6", busybox: "net/ipv6/conf/eth0.100/disable_ipv6" },
    ],
  ] as const)("%s", ([, text, expected]) => {
    const names: Partial<Record<Dialect, string | undefined>> = expected;
    for (const dialect of ALL_DIALECTS)
      if (dialect in names) expect(parsed(text, dialect)[0]?.[0], dialect).toBe(names[dialect]);
  });

  test("where a line ends", () => {
    const text = `x\r${key}=1\0${key}=0`;
    expect(parsed(text, "systemd")).toEqual([
      [key, "1"],
      [key, "0"],
    ]);
    expect(parsed(text, "procps-4")).toEqual([[`x\r${key}`, "1"]]);
    expect(parsed(`${key}=1\rx`, "procps-3")).toEqual([[key, "1"]]);
    expect(parsed(`${key}=\\\n1`, "busybox")).toEqual([[key, "1"]]);
  });
});
