/** GRUB 0.97 and pv-grub. Source: the GNU GRUB Legacy manual, "Commands". */
import type { Evidence } from "../../model/locator.ts";
import type { BootFiles, TextFile } from "./files.ts";
import { type LoaderAnswer, NOTHING, type Start } from "./loader.ts";

const PATHS = [
  "/boot/grub/menu.lst",
  "/boot/grub/grub.conf",
  "/boot/efi/EFI/redhat/grub.conf",
  "/boot/efi/EFI/centos/grub.conf",
];

interface Entry {
  readonly title: string;
  /** `kernel` and what follows; the last one counts. */
  kernel: { readonly words: readonly string[]; readonly evidence: Evidence } | undefined;
  /** It loads modules: a hypervisor, whose kernel is among them. */
  hasModules: boolean;
}

/** One answer for each configuration: which of them stage 2 has by its name differs, and so it does with EFI. */
export function lookGrubLegacy(files: BootFiles): readonly LoaderAnswer[] {
  return PATHS.map((path) => files.text(path)).map((found): LoaderAnswer => {
    if (found.state === "absent") return NOTHING;
    if (found.state === "unreadable")
      return { state: "unknown", loader: "grub-legacy", reason: found.reason, candidates: [] };
    const { entries, chosen } = parse(found.value);
    if (entries.length === 0) return NOTHING;
    const starts = entries.map(startOf);
    const candidates = starts.filter((start) => start !== undefined);
    const index = Number(chosen);
    const start = starts[index];
    if (!Number.isInteger(index) || start === undefined) {
      const reason = `${found.value.path}: what "default ${chosen}" starts cannot be told`;
      return { state: "unknown", loader: "grub-legacy", reason, candidates };
    }
    const others = candidates.filter((one) => one !== start);
    return { state: "boots", loader: "grub-legacy", start, others, notes: [] };
  });
}

function parse(file: TextFile): { entries: readonly Entry[]; chosen: string } {
  const entries: Entry[] = [];
  let chosen = "0";
  for (const [index, raw] of file.lines.entries()) {
    const [, command = "", value = ""] = /^\s*([a-z]+)(?:[\s=]+(.*?))?\s*$/i.exec(raw) ?? [];
    const entry = entries.at(-1);
    if (command === "title") entries.push({ title: value, kernel: undefined, hasModules: false });
    else if (command === "default" && entry === undefined) chosen = value;
    else if (command === "kernel" && entry !== undefined) {
      const words = value.split(/\s+/).filter((word) => !/^--(?:type=|no-mem-option)/.test(word));
      entry.kernel = { words, evidence: file.evidence(index + 1) };
    } else if (command.startsWith("module") && entry !== undefined) entry.hasModules = true;
  }
  return { entries, chosen };
}

function startOf({ title, kernel, hasModules }: Entry): Start | undefined {
  if (kernel === undefined || hasModules) return undefined;
  const [file = "", ...args] = kernel.words;
  return {
    entry: title,
    kernelPath: file.replace(/^\([^)]*\)/, ""),
    cmdline: args.join(" "),
    evidence: [kernel.evidence],
  };
}
