import type { Observations } from "../model/observations.ts";
import { textFile } from "./lines.ts";

/** os-release's ID and VERSION_ID; empty and NaN when it does not tell. */
export function releaseOf(observations: Observations): { readonly id: string; readonly release: number } {
  for (const path of ["/etc/os-release", "/usr/lib/os-release"]) {
    const file = textFile(observations, path);
    if (file.state !== "found") continue;
    const field = (name: string): string =>
      file.lines
        .find(({ text }) => text.startsWith(`${name}=`))
        ?.text.slice(name.length + 1)
        .replace(/^["']|["']\s*$/g, "")
        .trim() ?? "";
    return { id: field("ID"), release: Number.parseFloat(field("VERSION_ID")) };
  }
  return { id: "", release: Number.NaN };
}

const OPENRC: ReadonlySet<string> = new Set(["alpine", "postmarketos", "gentoo", "artix"]);
const OTHERS: ReadonlySet<string> = new Set(["devuan", "void"]);

/** Which init boots it, by the operating system's name: systemd is taken for granted everywhere else. */
export function initOf(observations: Observations): "systemd" | "openrc" | "other" {
  const { id } = releaseOf(observations);
  return OPENRC.has(id) ? "openrc" : OTHERS.has(id) ? "other" : "systemd";
}

const MULTIARCH = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu"];

/** Where libraries lie whose names carry versions. */
export const LIBRARY_FOLDERS: readonly string[] = [
  ...MULTIARCH,
  ...MULTIARCH.map((folder) => folder.replace("/usr", "")),
  "/usr/lib64",
  "/usr/lib",
  "/lib",
];

/** All names in those folders, as far as they were listed. */
export function namesIn(observations: Observations, folders: readonly string[]): readonly string[] {
  return folders.flatMap((folder) => {
    const listed = observations.list(folder);
    return listed.state === "found" ? listed.value.map(({ name }) => name) : [];
  });
}
