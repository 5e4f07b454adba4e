/**
 * The firmware of the Raspberry Pi: arguments lie in cmdline.txt, or in the file that config.txt names. Source:
 * https://www.raspberrypi.com/documentation/computers/config_txt.html ("cmdline", "os_prefix", "include", filters).
 */
import type { BootFiles, TextFile } from "./files.ts";
import { type BootLoader, type LoaderAnswer, NOTHING } from "./loader.ts";

/** Where its partition is mounted: today, and on older systems. */
const FOLDERS = ["/boot/firmware", "/boot"];
const USUAL = "cmdline.txt";
/** Filters under which a setting always counts. */
const ALWAYS = new Set(["all", ""]);

export const raspberry: BootLoader = {
  id: "raspberry",
  look(files) {
    for (const folder of FOLDERS) {
      const config = files.text(`${folder}/config.txt`);
      if (config.state === "absent") continue;
      if (config.state === "unreadable") return unknown(config.reason);
      const named = nameOf(config.value);
      if (named === undefined)
        return unknown(`${folder}/config.txt leaves open which file has the arguments`);
      return lookIn(files, `${folder}/${named}`);
    }
    return NOTHING;
  },
};

function lookIn(files: BootFiles, path: string): LoaderAnswer {
  const found = files.text(path);
  if (found.state === "unreadable") return unknown(found.reason);
  if (found.state === "absent") return NOTHING;
  const [first = ""] = found.value.lines;
  return {
    state: "boots",
    loader: "raspberry",
    start: {
      entry: path,
      kernelPath: undefined,
      cmdline: first.replaceAll("\r", "").trim(),
      evidence: [found.value.evidence(1)],
    },
    others: [],
    notes: ["the firmware adds arguments about its hardware"],
  };
}

/** Undefined where it depends on the model, or on another file. */
function nameOf(config: TextFile): string | undefined {
  const settings = new Map([
    ["cmdline", USUAL],
    ["os_prefix", ""],
  ]);
  let filter = "";
  for (const line of config.lines) {
    const text = line.replace(/#.*/, "").trim();
    if (/^include\s/.test(text)) return undefined;
    filter = /^\[(.*)\]$/.exec(text)?.[1] ?? filter;
    const [, key = "", value = ""] = /^(\w+)\s*=\s*(.*)$/.exec(text) ?? [];
    if (!settings.has(key)) continue;
    if (!ALWAYS.has(filter)) return undefined;
    settings.set(key, value);
  }
  return `${settings.get("os_prefix") ?? ""}${settings.get("cmdline") ?? ""}`;
}

function unknown(reason: string): LoaderAnswer {
  return { state: "unknown", loader: "raspberry", reason, candidates: [] };
}
