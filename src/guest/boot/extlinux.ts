/** SYSLINUX and EXTLINUX. Source: https://wiki.syslinux.org/wiki/index.php?title=Config and doc/menu.txt */
import type { Evidence } from "../../model/locator.ts";
import type { BootFiles, TextFile } from "./files.ts";
import { type BootLoader, type LoaderAnswer, NOTHING, type Start } from "./loader.ts";

const PATHS = [
  "/boot/extlinux/extlinux.conf",
  "/boot/extlinux.conf",
  "/boot/syslinux/extlinux.conf",
  "/boot/syslinux/syslinux.cfg",
  "/boot/syslinux.cfg",
  "/extlinux.conf",
  "/boot/efi/EFI/syslinux/syslinux.cfg",
  "/boot/efi/EFI/BOOT/syslinux.cfg",
  "/efi/EFI/syslinux/syslinux.cfg",
];
const INCLUDES_MAX = 16;
/** U-Boot reads it, too. */
const U_BOOT = "/extlinux/extlinux.conf";

interface Label {
  readonly name: string;
  title: string | undefined;
  kernel: string | undefined;
  append: string | undefined;
  evidence: readonly Evidence[];
}

interface Config {
  readonly labels: Label[];
  append: string;
  appendEvidence: readonly Evidence[];
  /** What DEFAULT, MENU DEFAULT and ONTIMEOUT name. */
  fallback: string | undefined;
  menuDefault: string | undefined;
  onTimeout: string | undefined;
  /** The last of these, which is what U-Boot takes. Source: U-Boot, boot/pxe_utils.c. */
  last: string | undefined;
  unread: string | undefined;
}

export const extlinux: BootLoader = {
  id: "extlinux",
  look(files) {
    const found = PATHS.map((path) => files.text(path)).find((look) => look.state !== "absent");
    if (found === undefined) return NOTHING;
    if (found.state === "unreadable")
      return { state: "unknown", loader: "extlinux", reason: found.reason, candidates: [] };
    const config: Config = {
      labels: [],
      append: "",
      appendEvidence: [],
      fallback: undefined,
      menuDefault: undefined,
      onTimeout: undefined,
      last: undefined,
      unread: undefined,
    };
    parse(found.value, config, files, { left: INCLUDES_MAX });
    return choose(config, found.value.path);
  },
};

function choose(config: Config, path: string): LoaderAnswer {
  const starts = new Map(config.labels.map((label) => [label.name, startOf(label, config, path)]));
  const byName = (name: string | undefined): Label | undefined =>
    config.labels.find((label) => name !== undefined && label.name === name.split(/\s/)[0]);
  const chosen =
    byName(config.onTimeout) ?? byName(config.menuDefault) ?? byName(config.fallback) ?? config.labels[0];
  const start = chosen === undefined ? undefined : starts.get(chosen.name);
  const others = [...starts.values()].filter((one) => one !== undefined);
  if (config.unread !== undefined)
    return { state: "unknown", loader: "extlinux", reason: config.unread, candidates: others };
  if (chosen === undefined) return NOTHING;
  if (start === undefined)
    return {
      state: "unknown",
      loader: "extlinux",
      reason: `${path}: ${chosen.name} starts no kernel`,
      candidates: others,
    };
  const byUBoot = byName(config.last) ?? config.labels[0];
  const other = byUBoot === undefined ? undefined : starts.get(byUBoot.name);
  if (path.endsWith(U_BOOT) && other?.cmdline !== start.cmdline)
    return {
      state: "unknown",
      loader: "extlinux",
      reason: `${path}: SYSLINUX starts ${chosen.name}, and U-Boot ${byUBoot?.name ?? "none"}`,
      candidates: others,
    };
  return {
    state: "boots",
    loader: "extlinux",
    start,
    others: others.filter((one) => one !== start),
    notes: [],
  };
}

function startOf(label: Label, config: Config, path: string): Start | undefined {
  const [file = "", ...args] = (label.kernel ?? "").split(/\s+/);
  if (file === "" || /\.(?:c32|com|0|bin|bss)$/i.test(file)) return undefined;
  const own = label.append === "-" ? "" : label.append;
  const append = own ?? config.append;
  const folder = path.slice(0, path.lastIndexOf("/"));
  return {
    entry: label.title ?? label.name,
    kernelPath: file.startsWith("/") ? file : `${folder}/${file}`,
    cmdline: [...args, append].filter((text) => text !== "").join(" "),
    evidence: own === undefined ? [...label.evidence, ...config.appendEvidence] : label.evidence,
  };
}

function parse(file: TextFile, config: Config, files: BootFiles, includes: { left: number }): void {
  for (const [index, raw] of file.lines.entries()) {
    const [, first = "", value = ""] = /^\s*(\S+)\s*(.*?)\s*$/.exec(raw) ?? [];
    const [, second = "", rest = ""] = /^(\S*)\s*(.*)$/.exec(value) ?? [];
    const keyword = first.toLowerCase();
    const menu = keyword === "menu" ? second.toLowerCase() : "";
    const label = config.labels.at(-1);
    const evidence = file.evidence(index + 1);
    if (keyword === "label") {
      config.labels.push({
        name: second,
        title: undefined,
        kernel: undefined,
        append: undefined,
        evidence: [],
      });
    } else if (keyword === "default") config.last = config.fallback = value;
    else if (keyword === "ontimeout") config.last = config.onTimeout = value;
    else if (menu === "default" && label !== undefined) config.last = config.menuDefault = label.name;
    else if (menu === "label" && label !== undefined) label.title = rest.replace("^", "");
    else if ((keyword === "kernel" || keyword === "linux") && label !== undefined) {
      label.kernel = value;
      label.evidence = [evidence, ...label.evidence];
    } else if (keyword === "append" && label !== undefined) {
      label.append = value;
      label.evidence = [...label.evidence, evidence];
    } else if (keyword === "append") {
      config.append = value;
      config.appendEvidence = [evidence];
    } else if (keyword === "include" || menu === "include") {
      include(keyword === "include" ? second : rest, file, config, files, includes);
    }
  }
}

function include(
  name: string,
  from: TextFile,
  config: Config,
  files: BootFiles,
  includes: { left: number },
): void {
  const [target = ""] = name.split(/\s/);
  if (target === "" || includes.left-- <= 0) return;
  const folder = from.path.slice(0, from.path.lastIndexOf("/"));
  const found = files.firstText(
    target.startsWith("/") ? [`/boot${target}`, target] : [`${folder}/${target}`],
  );
  if (found.state === "found") parse(found.value, config, files, includes);
  if (found.state === "unreadable") config.unread ??= found.reason;
}
