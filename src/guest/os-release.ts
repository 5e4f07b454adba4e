import type { OsInfo } from "../model/image.ts";
import type { Observations } from "../model/observations.ts";
import type { Asks } from "../model/snapshot.ts";
import { textOf } from "./extract.ts";

const PATHS = ["/etc/os-release", "/usr/lib/os-release"]; // os-release(5): the first that exists

export const osRelease: Asks & { read(observations: Observations): OsInfo } = {
  wants: PATHS.map((path) => ({ path, maxBytes: 64 << 10 })),
  read(observations) {
    for (const path of PATHS) {
      const text = textOf(observations, path);
      if (text !== undefined) return fromFields(parseOsRelease(text));
    }
    return { id: "unknown", version: "", name: "unknown operating system", type: "unknown", like: [] };
  },
};

function fromFields(fields: ReadonlyMap<string, string>): OsInfo {
  const id = fields.get("ID") || "linux"; // os-release(5): the default
  const version = fields.get("VERSION_ID") ?? "";
  return {
    id,
    version,
    name: fields.get("PRETTY_NAME") || [fields.get("NAME") ?? id, version].join(" ").trim(),
    type: "linux",
    like: (fields.get("ID_LIKE") ?? "").split(/\s+/).filter((word) => word !== ""),
  };
}

/** os-release(5): shell-like assignments, one a line; later ones win. */
export function parseOsRelease(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const line of text.split("\n")) {
    const found = /^\s*([A-Za-z_][A-Za-z0-9_]*)=(.*?)\s*$/.exec(line);
    if (found?.[1] !== undefined) fields.set(found[1], unquote(found[2] ?? ""));
  }
  return fields;
}

function unquote(value: string): string {
  const quote = value[0];
  if (value.length >= 2 && (quote === '"' || quote === "'") && value.endsWith(quote)) {
    const inner = value.slice(1, -1);
    return quote === "'" ? inner : inner.replace(/\\([\\"$`])/g, "$1");
  }
  return value.replace(/\\(.)/g, "$1");
}
