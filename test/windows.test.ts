import { describe, expect, test } from "vitest";
import { scan } from "../src/scan/scan.ts";
import { buildHive, type HiveTree, type HiveValue, seal } from "./support/hive.ts";
import { type FlatFiles, nest } from "./support/machine.ts";
import { memoryFileSystem } from "./support/memory-fs.ts";
import {
  judge,
  machine,
  SOFTWARE,
  SYSTEM,
  softwareHive,
  systemHive,
  withSoftware,
} from "./support/windows.ts";

describe("DisabledComponents", () => {
  test.each([
    [undefined, "on", "slaac", /on by default|by default in every/],
    [0, "on", "slaac", /everything is on/],
    [0x01, "on", "slaac", /tunnel interfaces are off/],
    [0x10, "off", "none", /non-tunnel/],
    [0x11, "off", "none", /tunnel interfaces are off.*non-tunnel/],
    [0x20, "on", "slaac", /IPv6 stays on/],
    [0x21, "on", "slaac", /IPv4 is preferred/],
    [0x8e, "on", "slaac", /6to4 is off; ISATAP is off; Teredo is off; IP-HTTPS/],
    [0xff, "off", "none", /but the loopback/],
    [0xffffffff, "off", "none", /five seconds/],
  ] as const)("%s: IPv6 is %s", async (components, state, addressing, why) => {
    const result = await judge(machine(components === undefined ? {} : { components }));
    expect([result.verdict, result.prediction?.state, result.prediction?.addressing]).toEqual([
      "review",
      state,
      addressing,
    ]);
    expect(result.prediction?.reason).toMatch(why);
    const [step] = result.prediction?.deciding ?? [];
    expect(step?.evidence[0]?.locator).toBe(
      `image > ntfs > ${SYSTEM} > ControlSet001\\Services\\Tcpip6\\Parameters\\DisabledComponents`,
    );
    expect(result.policy).toBe("os-extended-windows");
    expect(result.image.os).toMatchObject({
      id: "windows",
      version: "20348.2340",
      name: "Windows Server 2022 Datacenter 21H2",
    });
    expect(
      result.findings.find(({ rule }) => rule === "ipv6-windows-review")?.checklist?.length,
    ).toBeGreaterThan(5);
  });

  test.each([
    ["text", "0xff", /of type REG_SZ, not REG_DWORD/],
    ["eight bytes", { type: 11, data: new Uint8Array(8) }, /of type REG_QWORD, not REG_DWORD/],
    ["a DWORD of two bytes", { type: 4, data: new Uint8Array(2) }, /REG_DWORD that is not of four bytes/],
  ] as const)("%s: not to be told", async (_name, components, why) => {
    const result = await judge(machine({ components }));
    expect([result.verdict, result.prediction?.state]).toEqual(["review", "unknown"]);
    expect(result.prediction?.reason).toMatch(why);
  });
});

test.each([
  [0x10, true],
  [0x11, false],
  [0x1e, false],
  [0xff, false],
  [0x20, false],
])("%s: tunnels that stay on where network cards are off are told", async (components, told) => {
  const { prediction } = await judge(machine({ components }), false);
  expect(
    prediction?.blindSpots.some(({ text }) => text.includes("tunnel interfaces are not switched off")),
  ).toBe(told);
});

describe("network cards off (0x10), tunnels not", () => {
  const build = (CurrentBuild: string): FlatFiles => ({
    [SOFTWARE]: buildHive({
      keys: {
        Microsoft: { keys: { "Windows NT": { keys: { CurrentVersion: { values: { CurrentBuild } } } } } },
      },
    }),
  });
  const helper = (values: Readonly<Record<string, HiveValue>>, keys: HiveTree["keys"] = {}): HiveTree => ({
    values,
    keys,
  });
  const policy = (name: string, value: string): FlatFiles => ({
    [SOFTWARE]: withSoftware({
      Windows: { keys: { TCPIP: { keys: { v6Transition: { values: { [name]: value } } } } } },
    }),
  });
  const disabled = helper(
    { Start: 2 },
    { Config: { values: { "6to4State": 3, IsatapState: 3 } }, Teredo: { values: { Type: 4 } } },
  );

  test.each<[string, number, HiveTree, FlatFiles, string | RegExp]>([
    ["a build that has them off", 0x10, helper({ Start: 2 }), build("17763"), "off"],
    [
      "Windows Server 2012 R2",
      0x10,
      helper({ Start: 2 }),
      build("9600"),
      /6to4, ISATAP, Teredo may run .*9600/,
    ],
    ["Windows Server 2016", 0x10, helper({ Start: 2 }), build("14393"), /: ISATAP, Teredo may run/],
    ["one bit for each", 0x1e, helper({ Start: 2 }), build("9600"), "off"],
    ["a bit for one", 0x12, helper({ Start: 2 }), build("9600"), /: ISATAP, Teredo may run/],
    ["an unknown build", 0x10, helper({ Start: 2 }), build("x"), /of a build that is not known/],
    ["no service for them", 0x10, helper({ Start: 4 }), build("9600"), "off"],
    ["each off by netsh", 0x10, disabled, build("9600"), "off"],
    [
      "one on by netsh",
      0x10,
      helper({ Start: 2 }, { Config: { values: { "6to4State": 2 } } }),
      build("20348"),
      /: 6to4 may run/,
    ],
    [
      "one on by group policy",
      0x10,
      disabled,
      policy("Teredo_State", "Enterprise Client"),
      /: Teredo may run/,
    ],
    ["one off by group policy", 0x10, helper({ Start: 2 }), policy("Teredo_State", "Disabled"), "off"],
    [
      "group policy that cannot be read",
      0x10,
      disabled,
      { [SOFTWARE]: "noise" },
      /tunnels could not be read/,
    ],
  ])("%s", async (_name, components, iphlpsvc, software, expected) => {
    const files = { ...machine({ components, services: { iphlpsvc } }), ...software };
    const { prediction } = await judge(files, false);
    if (typeof expected === "string") expect(prediction?.state).toBe(expected);
    else expect(prediction).toMatchObject({ state: "unknown", reason: expect.stringMatching(expected) });
    expect((await judge(files)).prediction?.state).toBe(prediction?.state);
  });
});

describe("what else counts", () => {
  test("a disabled driver makes it unknown, not off", async () => {
    const { prediction } = await judge(machine({ start: 4 }));
    expect(prediction).toMatchObject({
      state: "unknown",
      reason: expect.stringContaining("does not document"),
    });
  });

  test("an unbound adapter is told, and does not decide", async () => {
    const { prediction } = await judge(machine({ bound: [] }));
    expect(prediction?.state).toBe("on");
    expect(prediction?.blindSpots.map(({ text }) => text)).toEqual([
      expect.stringContaining("unbound from 1 of 1"),
    ]);
  });

  test.each([
    [1, true],
    [0, false],
  ])("a public profile of %d filters IPv6: %s", async (publicOn, filtersIpv6) => {
    const { prediction } = await judge(machine({ publicOn }));
    expect(prediction?.firewall).toEqual({ kind: "windows-firewall", filtersIpv6 });
  });

  test("what group policy says of it could not be read: not to be told", async () => {
    const { prediction } = await judge({ ...machine({ publicOn: 1 }), [SOFTWARE]: Buffer.from("no hive") });
    expect(prediction?.firewall.filtersIpv6).toBe("unknown");
    const texts = prediction?.steps.map(({ text }) => text);
    expect(texts).toContain(
      "Windows Firewall's profiles: public could not be read, private could not be read, domain could not be read",
    );
    expect(texts).toContain("what is set for tunnels could not be read");
  });

  test("a quick scan reads no firewall and says the same of IPv6", async () => {
    const { prediction, verdict } = await judge(machine({ components: 0xff }), false);
    expect([verdict, prediction?.state, prediction?.firewall.filtersIpv6]).toEqual([
      "review",
      "off",
      "unknown",
    ]);
  });

  test("a script that speaks of IPv6 at first boot takes the certainty", async () => {
    const path = "/Windows/Setup/Scripts/SetupComplete.cmd";
    const says =
      "@echo off\r\nreg add HKLM\\SYSTEM\\CurrentControlSet\\Services\\Tcpip6\\Parameters /v DisabledComponents /d 0\r\n";
    const { prediction, verdict } = await judge({ ...machine({ components: 0xff }), [path]: says });
    expect([verdict, prediction?.state]).toEqual(["review", "unknown"]);
    expect(prediction?.blindSpots[0]?.evidence[0]).toMatchObject({ line: 2 });
    const quiet = await judge({ ...machine({ components: 0xff }), [path]: "@echo off\r\n" });
    expect(quiet.prediction?.state).toBe("off");
  });

  test("an answer file that sets router discovery, as Microsoft's reference writes it, is for a person to read", async () => {
    const path = "/Windows/System32/Sysprep/unattend.xml";
    const says =
      "<Ipv6Settings>\r\n  <RouterDiscoveryEnabled>true</RouterDiscoveryEnabled>\r\n</Ipv6Settings>\r\n";
    const { prediction } = await judge({ ...machine({ components: 0xff }), [path]: says });
    expect(prediction?.state).toBe("unknown");
    expect(prediction?.blindSpots[0]?.evidence[0]).toMatchObject({ line: 1, text: "<Ipv6Settings>" });
  });
});

test("settings of a local policy, which has no lines", async () => {
  const entry = (value: string): string =>
    `[SYSTEM\\CurrentControlSet\\Services\\Tcpip6\\Parameters\0;${value}\0;\u0004\0;\u0004\0;\u00ff\0]`;
  const text = `${"[SOFTWARE\\Policies\\X\0;Y\0;\u0004\0;\u0004\0;\u0001\0]".repeat(200)}${entry("DisabledComponents")}`;
  const pol = Buffer.concat([Buffer.from("PReg\u0001\0\0\0", "latin1"), Buffer.from(text, "utf16le")]);
  const path = "/Windows/System32/GroupPolicy/Machine/Registry.pol";
  const { prediction } = await judge({ ...machine({ components: 0 }), [path]: pol }, false);
  expect(prediction?.state).toBe("unknown");
  expect(prediction?.blindSpots[0]?.evidence[0]).toMatchObject({
    line: 201,
    text: expect.stringContaining(";DisabledComponents;"),
  });
});

test("a control set for the next start that is not the one of the last: not to be told", async () => {
  const { prediction } = await judge(machine({ components: 0xff, preset: 2 }), false);
  expect(prediction).toMatchObject({
    state: "unknown",
    reason: "Windows last ran with control set 1, which was read, and is to start with 2",
  });
  expect(prediction?.steps[0]?.text).toBe("Windows last ran with control set 1");
});

test("a dirty hive without its log: an off is not to be told, an on stays", async () => {
  const dirty = (components: number): FlatFiles => {
    const hive = Buffer.from(systemHive({ components }));
    hive.writeUInt32LE(hive.readUInt32LE(8) + 1, 4);
    seal(hive);
    return { [SYSTEM]: hive };
  };
  const off = await judge(dirty(0xff));
  expect([off.verdict, off.prediction?.state]).toEqual(["review", "unknown"]);
  expect(off.reason).toContain("dirty hive");
  const on = await judge(dirty(0x20));
  expect([on.verdict, on.prediction?.state]).toEqual(["review", "on"]);
});

test("names in other cases, in a folder of a system that tells them apart", async () => {
  const files = {
    "/WINDOWS/x": "x",
    [SYSTEM.replace("/Windows/System32", "/WINDOWS/system32")]: systemHive({}),
  };
  const fs = memoryFileSystem(nest(files), { type: "folder", caseSensitive: true });
  const image = { provider: "file", id: "c", name: "c", family: "c" };
  const result = await scan(image, async () => ({
    target: { kind: "files", fs, locator: "c" },
    close: async () => undefined,
  }));
  expect(result.prediction?.state).toBe("on");
});

describe("what cannot be judged", () => {
  test("no hive at all is a review that says so", async () => {
    const result = await judge({});
    expect([result.verdict, result.prediction?.state]).toEqual(["review", "unknown"]);
    expect(result.reason).toContain("no SYSTEM hive");
  });

  test.each([
    ["a hive of noise", Buffer.alloc(9000, "noise"), /regf/],
    ["a cut hive", systemHive({}).subarray(0, 5000), /cut at 5000/],
    ["a hive whose checksum is wrong", systemHive({}).map((byte, at) => (at === 48 ? 1 : byte)), /checksum/],
    ["a control set that is not there", systemHive({ current: 3 }), /ControlSet003/],
    ["no Select", buildHive({ keys: { ControlSet001: {} } }), /Select/],
  ])("%s is unreadable, with the reason", async (_name, hive, why) => {
    const result = await judge({ [SYSTEM]: hive, [SOFTWARE]: softwareHive });
    expect([result.verdict, result.prediction?.state]).toEqual(["unreadable", "unknown"]);
    expect(result.reason).toMatch(why);
    expect(result.unread.length).toBeGreaterThan(0);
  });

  test("an empty control set is a review", async () => {
    const hive = buildHive({ keys: { Select: { values: { Current: 1 } }, ControlSet001: { keys: {} } } });
    const result = await judge({ [SYSTEM]: hive });
    expect([result.verdict, result.prediction?.state]).toEqual(["review", "unknown"]);
    expect(result.reason).toContain("no complete Windows");
  });
});
