import type { DiskVolume } from "../disk/disk.ts";
import type { Doubt } from "../model/extract.ts";
import type { Examined } from "./machine.ts";
import { isForWindows } from "./windows/volumes.ts";

/** File systems that hold the root of another system and are not read. */
const FOREIGN: ReadonlyMap<string, string> = new Map([
  ["ufs", "a BSD"],
  ["apfs", "a macOS"],
  ["hfsplus", "a macOS"],
]);

/** A disk may hold another system beside a Linux, and nothing here says which of them its firmware starts. */
export async function besideOthers(examined: Examined, volumes: readonly DiskVolume[]): Promise<Examined> {
  const others = [...foreignAmong(volumes), ...(await windowsAmong(volumes))];
  if (others.length === 0) return examined;
  const doubts = others.map(({ locator, what, at }): Doubt => {
    const why = `it cannot be told which system boots: there ${what} in ${at} beside this Linux`;
    return { locator, why, ofSystem: true };
  });
  const all = [...(examined.doubts ?? []), ...doubts];
  return { ...examined, doubts: all, notes: [...examined.notes, ...doubts.map(({ why }) => why)] };
}

interface Other {
  readonly locator: string;
  readonly what: string;
  readonly at: string;
}

function foreignAmong(volumes: readonly DiskVolume[]): readonly Other[] {
  return volumes.flatMap(({ name, data, content }) => {
    const system = content.kind === "unread" ? FOREIGN.get(content.type) : undefined;
    return system === undefined ? [] : [{ locator: data.label, what: maybe(system), at: name }];
  });
}

async function windowsAmong(volumes: readonly DiskVolume[]): Promise<readonly Other[]> {
  if (!volumes.some(isForWindows)) return [];
  const { bootableAmong } = await import("./windows/candidates.ts");
  return (await bootableAmong(volumes)).map(({ state, locator, volume }) => ({
    locator,
    what: state === "read" ? "is a Windows" : maybe("a Windows"),
    at: volume?.name ?? locator,
  }));
}

function maybe(system: string): string {
  return `may be ${system}, which was not read,`;
}
