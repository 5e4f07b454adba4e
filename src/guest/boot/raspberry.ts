/**
 * The firmware of the Raspberry Pi: arguments lie in cmdline.txt, or in the file that config.txt names. Source:
 * https://www.raspberrypi.com/documentation/computers/config_txt.html ("cmdline", "os_prefix", "kernel", "armstub",
 * "include", filters, "autoboot.txt").
 */
import type { BootFiles, TextFile } from "./files.ts";
import { type BootLoader, type LoaderAnswer, NOTHING } from "./loader.ts";

/** Where its partition is mounted: today, and on older systems. */
const FOLDERS = ["/boot/firmware", "/boot"];
const USUAL = "cmdline.txt";
/** Filters under which a setting always counts. */
const ALWAYS = new Set(["all", ""]);
/** A boot loader in place of a kernel, which takes these arguments or others. */
const LOADER = /u-?boot|grub|efi|barebox|\.fd$/i;

export const raspberry: BootLoader = {
  id: "raspberry",
  look(files) {
    for (const folder of FOLDERS) {
      const config = files.text(`${folder}/config.txt`);
      if (config.state === "absent") continue;
      if (config.state === "unreadable") return unknown(config.reason);
      const settings = settingsOf(config.value);
      if (settings === undefined)
        return unknown(`${folder}/config.txt leaves open which file has the arguments`);
      const name = settings.get("cmdline") ?? USUAL;
      const prefix = settings.get("os_prefix") ?? "";
      const plain = lookIn(files, `${folder}/${name}`);
      const answer =
        prefix === "" ? plain : withPrefix(lookIn(files, `${folder}/${prefix}${name}`), plain, prefix);
      if (files.text(`${folder}/autoboot.txt`).state !== "absent")
        return perhaps(answer, `${folder}/autoboot.txt may choose another partition`);
      if ([settings.get("kernel"), settings.get("armstub")].some((one) => LOADER.test(one ?? "")))
        return perhaps(answer, `${folder}/config.txt starts another boot loader`);
      return answer;
    }
    return NOTHING;
  },
};

function perhaps(answer: LoaderAnswer, reason: string): LoaderAnswer {
  return { ...unknown(reason), candidates: answer.state === "boots" ? [answer.start] : [] };
}

/** A prefix under which the firmware finds no kernel does not count. */
function withPrefix(beneath: LoaderAnswer, plain: LoaderAnswer, prefix: string): LoaderAnswer {
  if (beneath.state === "none" || plain.state === "unknown") return plain;
  if (beneath.state === "unknown" || plain.state === "none") return beneath;
  if (beneath.start.cmdline === plain.start.cmdline) return beneath;
  const reason = `whether os_prefix=${prefix} counts is up to the firmware`;
  return { ...unknown(reason), candidates: [beneath.start, plain.start] };
}

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

const KEYS = new Set(["cmdline", "os_prefix", "kernel", "armstub"]);

/** Undefined where they depend on the model, or on another file. */
function settingsOf(config: TextFile): ReadonlyMap<string, string> | undefined {
  const settings = new Map<string, string>();
  let filter = "";
  for (const line of config.lines) {
    const text = line.replace(/#.*/, "").trim();
    if (/^include\s/.test(text)) return undefined;
    filter = /^\[(.*)\]$/.exec(text)?.[1] ?? filter;
    const [, key = "", value = ""] = /^(\w+)\s*=\s*(.*)$/.exec(text) ?? [];
    if (!KEYS.has(key)) continue;
    // What a kernel is called differs by model; where none is a boot loader it does not matter.
    if (key === "kernel" && !LOADER.test(value)) continue;
    if (!ALWAYS.has(filter)) return undefined;
    settings.set(key, value);
  }
  return settings;
}

function unknown(reason: string): Extract<LoaderAnswer, { state: "unknown" }> {
  return { state: "unknown", loader: "raspberry", reason, candidates: [] };
}
