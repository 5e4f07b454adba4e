import type { OsInfo } from "../../src/model/image.ts";
import { type Observations, observe } from "../../src/model/observations.ts";
import type { Prediction, Step } from "../../src/model/prediction.ts";
import type { SnapshotEntry } from "../../src/model/snapshot.ts";

/** What rules are asked about, made up. */
export const DEBIAN: OsInfo = { id: "debian", version: "12", name: "Debian 12", type: "linux", like: [] };
export const WINDOWS: OsInfo = {
  id: "windows",
  version: "10.0",
  name: "Windows Server",
  type: "windows",
  like: [],
};

export function predicted(over: Partial<Prediction> = {}): Prediction {
  return {
    state: "on",
    stack: "present",
    disableIpv6: { all: 0, default: 0, lo: 0, nic: 0 },
    addressing: "slaac",
    firewall: { kind: "none", filtersIpv6: false },
    confidence: "certain",
    reason: "Nothing turns IPv6 off.",
    steps: [],
    blindSpots: [],
    deciding: [],
    ...over,
  };
}

/** How a path of the image is named as evidence. */
export function at(path: string): string {
  return `image > ext4 > ${path}`;
}

export function step(layer: string, path: string, line: number, text: string): Step {
  return { layer, text: "does something.", evidence: [{ locator: at(path), line, text }] };
}

/** An image of these files (a string is content, `->` a link, undefined unreadable), these folders and nothing else. */
export function seen(
  files: Readonly<Record<string, string | undefined>> = {},
  folders: readonly string[] = [],
): Observations {
  const entries = new Map<string, SnapshotEntry>();
  const names = new Map<string, Set<string>>([["/", new Set()]]);
  for (const path of [...folders, ...Object.keys(files)]) {
    const parts = path.split("/").slice(1);
    parts.forEach((name, depth) => {
      const parent = `/${parts.slice(0, depth).join("/")}`;
      names.set(parent, (names.get(parent) ?? new Set()).add(name));
    });
  }
  for (const path of folders) if (!names.has(path)) names.set(path, new Set());
  for (const [path, children] of names)
    entries.set(path, { kind: "directory", path, locator: at(path), names: [...children] });
  for (const [path, text] of Object.entries(files)) entries.set(path, entryOf(path, text));
  return observe({ entries });
}

function entryOf(path: string, text: string | undefined): SnapshotEntry {
  const locator = at(path);
  if (text === undefined) return { kind: "unreadable", path, locator, reason: "corrupt: bad block" };
  if (text.startsWith("->")) return { kind: "symlink", path, locator, target: text.slice(2) };
  const bytes = new TextEncoder().encode(text);
  return { kind: "file", path, locator, bytes, sizeBytes: bytes.length, truncated: false };
}
