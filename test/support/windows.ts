import type { FileSystem } from "../../src/disk/filesystems/driver.ts";
import type { ScanResult } from "../../src/model/report.ts";
import { scan } from "../../src/scan/scan.ts";
import { buildHive, type HiveTree, type HiveValue } from "./hive.ts";
import { type FlatFiles, nest } from "./machine.ts";
import { memoryFileSystem } from "./memory-fs.ts";

/** Where the hives lie. */
export const SYSTEM = "/Windows/System32/config/SYSTEM";
export const SOFTWARE = "/Windows/System32/config/SOFTWARE";
const profile = (on: number): HiveTree => ({ values: { EnableFirewall: on } });

/** What of a plain Windows is other. */
export interface Machine {
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

/** A SYSTEM hive with what a prediction rests on. */
export function systemHive({
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

/** A Windows Server 2022 without policies. */
export const softwareHive: Uint8Array = withSoftware({});

/** A SOFTWARE hive with keys below `Policies\\Microsoft`. */
export function withSoftware(
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

/** Judges a Windows that consists of these files. */
export function judge(files: FlatFiles, thorough = true): Promise<ScanResult> {
  const fs: FileSystem = memoryFileSystem(nest({ "/Windows/explorer.exe": "x", ...files }), { type: "ntfs" });
  const image = { provider: "file", id: "win", name: "win", family: "win" };
  return scan(
    image,
    async () => ({ target: { kind: "files", fs, locator: "image > ntfs" }, close: async () => undefined }),
    { thorough },
  );
}

/** Both hives. */
export const machine = (one: Machine = {}): FlatFiles => ({
  [SYSTEM]: systemHive(one),
  [SOFTWARE]: softwareHive,
});
