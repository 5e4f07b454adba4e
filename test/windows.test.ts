import { describe, expect, test } from "vitest";
import type { FileSystem } from "../src/disk/filesystems/driver.ts";
import type { ScanResult } from "../src/model/report.ts";
import { evidenceDigest } from "../src/scan/evidence-digest.ts";
import { scan } from "../src/scan/scan.ts";
import { buildHive, type HiveTree, type HiveValue, seal } from "./support/hive.ts";
import { type FlatFiles, nest } from "./support/machine.ts";
import { memoryFileSystem } from "./support/memory-fs.ts";

const SYSTEM = "/Windows/System32/config/SYSTEM";
const SOFTWARE = "/Windows/System32/config/SOFTWARE";
const profile = (on: number): HiveTree => ({ values: { EnableFirewall: on } });

interface Machine {
  /** Keys put over those of a plain Windows. */
  readonly services?: Readonly<Record<string, HiveTree>>;
  readonly control?: HiveTree;
  readonly setup?: HiveTree;
  readonly components?: HiveValue;
  readonly start?: number;
  readonly current?: number;
  readonly preset?: number;
  readonly bound?: readonly string[];
  readonly publicOn?: number;
}

function systemHive({
  components,
  start = 1,
  current = 1,
  preset = current,
  bound = ["\\Device\\{A}"],
  publicOn = 1,
  services: more = {},
  control = {},
  setup = {},
}: Machine): Uint8Array {
  const values = components === undefined ? {} : { DisabledComponents: components };
  const services: Readonly<Record<string, HiveTree>> = {
    Tcpip6: {
      values: { Start: start },
      keys: { Parameters: { values }, Linkage: { values: { Bind: bound } } },
    },
    Tcpip: { keys: { Linkage: { values: { Bind: ["\\Device\\{A}"] } } } },
    MpsSvc: { values: { Start: 2 } },
    iphlpsvc: { values: { Start: 2 } },
    SharedAccess: {
      keys: {
        Parameters: {
          keys: {
            FirewallPolicy: {
              keys: {
                PublicProfile: profile(publicOn),
                StandardProfile: profile(1),
                DomainProfile: profile(1),
              },
            },
          },
        },
      },
    },
  };
  return buildHive({
    keys: {
      Select: { values: { Current: current, Default: preset } },
      Setup: setup,
      ControlSet001: { keys: { Services: { keys: { ...services, ...more } }, Control: control } },
    },
  });
}

const softwareHive = withSoftware({});

function withSoftware(
  policies: Readonly<Record<string, HiveTree>>,
  state = "IMAGE_STATE_COMPLETE",
): Uint8Array {
  const current = { keys: { Setup: { keys: { State: { values: { ImageState: state } } } } } };
  return buildHive({
    keys: {
      Policies: { keys: { Microsoft: { keys: policies } } },
      Microsoft: {
        keys: {
          Windows: { keys: { CurrentVersion: current } },
          "Windows NT": {
            keys: {
              CurrentVersion: {
                values: {
                  ProductName: "Windows Server 2022 Datacenter",
                  DisplayVersion: "21H2",
                  CurrentBuild: "20348",
                  UBR: 2340,
                },
              },
            },
          },
        },
      },
    },
  });
}

function judge(files: FlatFiles, thorough = true): Promise<ScanResult> {
  const fs: FileSystem = memoryFileSystem(nest({ "/Windows/explorer.exe": "x", ...files }), { type: "ntfs" });
  const image = { provider: "file", id: "win", name: "win", family: "win" };
  return scan(
    image,
    async () => ({ target: { kind: "files", fs, locator: "image > ntfs" }, close: async () => undefined }),
    { thorough },
  );
}

const machine = (one: Machine = {}): FlatFiles => ({ [SYSTEM]: systemHive(one), [SOFTWARE]: softwareHive });

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
    ["text", "0xff"],
    ["eight bytes", { type: 11, data: new Uint8Array(8) }],
    ["a DWORD of two bytes", { type: 4, data: new Uint8Array(2) }],
  ] as const)("%s: not to be told", async (_name, components) => {
    const result = await judge(machine({ components }));
    expect([result.verdict, result.prediction?.state]).toEqual(["review", "unknown"]);
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

describe("what a review wants to see", () => {
  const GUIDS = ["{11111111-1111-1111-1111-111111111111}", "{22222222-2222-2222-2222-222222222222}"] as const;
  const [first, second] = GUIDS;
  const bindTo = (...guids: readonly string[]): HiveTree => ({
    keys: { Linkage: { values: { Bind: guids.map((guid) => `\\Device\\${guid}`) } } },
  });

  async function told(one: Machine, software = softwareHive): Promise<readonly string[]> {
    const { prediction } = await judge({ [SYSTEM]: systemHive(one), [SOFTWARE]: software });
    return [...(prediction?.steps ?? []), ...(prediction?.blindSpots ?? [])].map(({ text }) => text);
  }

  test("each adapter's binding, by the adapter's name", async () => {
    const network = { Connection: { values: { Name: "Ethernet" } } };
    const control: HiveTree = {
      keys: {
        Network: {
          keys: { "{4D36E972-E325-11CE-BFC1-08002BE10318}": { keys: { [first]: { keys: network } } } },
        },
      },
    };
    const services = { Tcpip: bindTo(first, second), Tcpip6: { ...bindTo(first), values: { Start: 3 } } };
    const all = await told({ control, services });
    expect(all).toContain(
      `IPv6 (ms_tcpip6) on the adapters of the machine that the image was made on: Ethernet bound, ${second} not bound`,
    );
    expect(all).toContainEqual(expect.stringContaining("unbound from 1 of 2"));
  });

  test("tunnels: group policy, netsh, and the defaults of the build", async () => {
    expect(await told({})).toContain(
      "nothing is set for tunnels: the defaults of build 20348: 6to4 off, ISATAP off, Teredo off",
    );
    const iphlpsvc: HiveTree = {
      values: { Start: 2 },
      keys: {
        Config: { values: { "6to4State": 2, IsatapState: 3, EnableIsatapResolution: 1 } },
        Teredo: { values: { Type: 4 } },
      },
    };
    const policy: HiveTree = {
      keys: { TCPIP: { keys: { v6Transition: { values: { Teredo_State: "Enterprise Client" } } } } },
    };
    const all = await told({ services: { iphlpsvc } }, withSoftware({ Windows: policy }));
    expect(all).toEqual(
      expect.arrayContaining([
        "group policy sets Teredo_State to Enterprise Client",
        "6to4 is set to enabled (2)",
        "Isatap is set to disabled (3)",
        "Teredo is set to disabled (4)",
        expect.stringContaining("what is not set has the defaults of build 20348"),
      ]),
    );
  });

  test("settings of interfaces are counted, addresses told", async () => {
    const luid = "0000000180000600";
    const settings = { type: 3, data: new Uint8Array(480).fill(0xff) };
    const control: HiveTree = {
      keys: {
        Nsi: {
          keys: {
            "{eb004a01-9b1a-11d4-9123-0050047759bc}": {
              keys: {
                "7": { values: { [luid]: settings, "0000000280000600": settings } },
                "10": { values: { [`${luid}20010db8000000000000000000000001`]: settings } },
              },
            },
          },
        },
      },
    };
    expect(await told({ control })).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^2 interfaces have IPv6 settings of their own .* not decoded/),
        "IPv6 addresses are set for adapters of the machine that the image was made on: 2001:db8::1",
      ]),
    );
  });

  test.each<[string, Readonly<Record<string, HiveValue>>, boolean, RegExp]>([
    ["off by group policy", { EnableFirewall: 0 }, false, /public off by group policy/],
    [
      "everything let in by group policy",
      { DefaultInboundAction: 0 },
      false,
      /public on \(lets everything in\)/,
    ],
    ["on by group policy", { EnableFirewall: 1 }, true, /public on by group policy/],
  ])("firewall: %s", async (_name, values, filtersIpv6, told_) => {
    const software = withSoftware({ WindowsFirewall: { keys: { PublicProfile: { values } } } });
    const { prediction } = await judge({ [SYSTEM]: systemHive({}), [SOFTWARE]: software });
    expect(prediction?.firewall.filtersIpv6).toBe(filtersIpv6);
    expect(prediction?.steps.find(({ layer }) => layer === "windows-firewall")?.text).toMatch(told_);
  });

  test("whether Windows Setup still runs", async () => {
    expect(await told({})).toContainEqual(expect.stringContaining("Windows Setup is done"));
    const sealed = withSoftware({}, "IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE");
    expect(await told({}, sealed)).toContainEqual(
      expect.stringContaining("Windows Setup runs at the first boot"),
    );
  });

  test("none of it changes what a review is signed for", async () => {
    const files = machine({ bound: [], publicOn: 0 });
    expect(evidenceDigest(await judge(files, true))).toBe(evidenceDigest(await judge(files, false)));
  });
});

describe("the answer file that the registry names", () => {
  const setup = (path: string): HiveTree => ({ values: { UnattendFile: path } });
  const says = "<Ipv6Settings/>";

  test.each(["C:\\answers\\mine.xml", "%SystemRoot%\\answers\\mine.xml"])("%s is read", async (named) => {
    const place = named.startsWith("C:") ? "/answers/mine.xml" : "/Windows/answers/mine.xml";
    const files = machine({ components: 0xff, setup: setup(named) });
    const { prediction } = await judge({ ...files, [place]: says }, false);
    expect(prediction?.state).toBe("unknown");
    expect(prediction?.reason).toContain(`(${place}) speaks of IPv6`);
    expect((await judge({ ...files, [place]: "<x/>" }, false)).prediction?.state).toBe("off");
  });

  test("on another drive: nobody knows; not there: told", async () => {
    const other = await judge(machine({ components: 0xff, setup: setup("D:\\unattend.xml") }));
    expect(other.prediction).toMatchObject({
      state: "unknown",
      reason: expect.stringContaining("D:\\unattend.xml, which is not on this volume"),
    });
    const gone = await judge(machine({ components: 0xff, setup: setup("C:\\gone.xml") }));
    expect(gone.prediction?.state).toBe("off");
    expect(gone.prediction?.blindSpots[0]?.text).toContain("which is not there");
  });

  test.each([
    "/autounattend.xml",
    "/Windows/Panther/Unattend/unattend.xml",
    "/Windows/OEM/SetupComplete.cmd",
    "/ProgramData/Amazon/EC2Launch/config/agent-config.yml",
    "/Program Files/Google/Compute Engine/sysprep/instance_setup.ps1",
    "/Program Files/Cloudbase Solutions/Cloudbase-Init/conf/cloudbase-init.conf",
    "/Windows/System32/GroupPolicy/Machine/Scripts/psscripts.ini",
  ])("%s that speaks of IPv6 takes the certainty", async (path) => {
    const files = { ...machine({ components: 0xff }), [path]: "netsh interface ipv6 set" };
    expect((await judge(files, false)).prediction?.state).toBe("unknown");
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
