import type { Observations } from "../model/observations.ts";
import { type TextFile, textFile } from "./lines.ts";

const RELEASE = ["/etc/os-release", "/usr/lib/os-release"];

function fieldOf(file: Extract<TextFile, { state: "found" }>, name: string): string {
  const line = file.lines.find(({ text }) => text.startsWith(`${name}=`))?.text ?? "";
  return line
    .slice(name.length + 1)
    .replace(/^["']|["']\s*$/g, "")
    .trim();
}

/** os-release's ID and VERSION_ID; empty and NaN when it does not tell. */
export function releaseOf(observations: Observations): { readonly id: string; readonly release: number } {
  for (const path of RELEASE) {
    const file = textFile(observations, path);
    if (file.state !== "found") continue;
    return { id: fieldOf(file, "ID"), release: Number.parseFloat(fieldOf(file, "VERSION_ID")) };
  }
  return { id: "", release: Number.NaN };
}

/** ID and every word of ID_LIKE. */
export function familiesOf(observations: Observations): readonly string[] {
  for (const path of RELEASE) {
    const file = textFile(observations, path);
    if (file.state === "found")
      return ["ID", "ID_LIKE"]
        .flatMap((name) => fieldOf(file, name).split(/\s+/))
        .filter((one) => one !== "");
  }
  return [];
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
