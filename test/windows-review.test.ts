import { describe, expect, test } from "vitest";
import { evidenceDigest } from "../src/scan/evidence-digest.ts";
import type { HiveTree, HiveValue } from "./support/hive.ts";
import {
  judge,
  type Machine,
  machine,
  SOFTWARE,
  SYSTEM,
  softwareHive,
  systemHive,
  withSoftware,
} from "./support/windows.ts";

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

  test("agents of clouds", async () => {
    const services = {
      "Amazon EC2Launch": { values: { Start: 2 } },
      AmazonSSMAgent: { values: { Start: 4 } },
      GCEAgent: { values: { Start: 2 } },
    };
    expect(await told({ services })).toContainEqual(
      expect.stringContaining("(EC2Launch v2, Google's guest agent): what an instance's user data"),
    );
  });

  test("whether Windows Setup still runs", async () => {
    expect(await told({})).toContainEqual(expect.stringContaining("Windows Setup is done"));
    const sealed = withSoftware({}, "IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE");
    expect(await told({}, sealed)).toContainEqual(
      expect.stringContaining("Windows Setup runs at the first boot"),
    );
  });

  test.each([0x20, 0x10, 0xff])("none of it changes what a review is signed for: %d", async (components) => {
    const anywhere = { Start: 2, Type: 16, ImagePath: "C:\\x\\agent.exe" };
    const services = { Acme: { values: anywhere }, GCEAgent: { values: anywhere } };
    const files = machine({ components, bound: [], publicOn: 0, services });
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
