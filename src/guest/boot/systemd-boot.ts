/**
 * systemd-boot: Boot Loader Specification entries and unified kernel images. Sources: systemd-boot(7),
 * loader.conf(5), https://uapi-group.org/specifications/specs/boot_loader_specification/ ("Sorting").
 */

import { globMatcher } from "../../disk/filesystems/path.ts";
import type { Evidence } from "../../model/locator.ts";
import { parseOsRelease } from "../os-release.ts";
import { type BlsEntry, blsFilesIn, firstField, parseBlsEntry } from "./bls/entry.ts";
import { compareSystemd } from "./bls/version.ts";
import { ESP_FOLDERS } from "./esp.ts";
import type { BootFiles, TextFile } from "./files.ts";
import { type LoaderAnswer, NOTHING, type Start } from "./loader.ts";
import { lookUki, type Uki } from "./uki.ts";

export interface Candidate {
  readonly start: Start;
  /** File name with its extension, boot counters removed, lower case. */
  readonly id: string;
  readonly sortKey: string;
  readonly machineId: string;
  readonly version: string;
  readonly triesLeft: number | undefined;
  readonly loader: "systemd-boot" | "uki";
  readonly notes: readonly string[];
  /** It starts something else than a kernel of its own, whose arguments are not told here. */
  readonly isOpaque?: boolean;
  /** Why not all of its arguments are known. */
  readonly unread?: string;
  /** It is one of several entries that its image makes. */
  readonly hasProfiles?: boolean;
}

/**
 * `installed`: look only where there is a trace of systemd-boot itself; other loaders use the same entries.
 */
export function lookSystemdBoot(
  files: BootFiles,
  folders: readonly string[],
  installed: boolean,
): LoaderAnswer {
  const configs = folders.map((folder) => files.text(`${folder}/loader/loader.conf`));
  const programs = folders.map((folder) => files.names(`${folder}/EFI/systemd`, { extension: ".efi" }));
  const images = folders.map((folder) => lookImages(folder, files));
  const problem = images.flatMap((one) => (typeof one === "string" ? [one] : []))[0];
  const ukis = images.flatMap((one) => (typeof one === "string" ? [] : one));
  const isTraced = folders.map((_, index) => {
    const program = programs[index];
    return (
      configs[index]?.state !== "absent" ||
      (images[index] ?? []).length > 0 ||
      (program?.state === "found" && program.value.length > 0)
    );
  });
  if (installed && !isTraced.includes(true) && problem === undefined) return NOTHING;
  // It reads that of the partition it lies in, and no other.
  const config = configs[isTraced.indexOf(true)] ?? { state: "absent" };
  const entries: Candidate[] = [...ukis];
  let unreadable = problem ?? (config.state === "unreadable" ? config.reason : undefined);
  for (const folder of folders) {
    const found = blsFilesIn(`${folder}/loader/entries`, files);
    if (found.state === "unreadable") unreadable ??= found.reason;
    if (found.state === "found")
      entries.push(...found.value.flatMap(({ id, file }) => fromBls(id, file) ?? []));
  }
  if (unreadable !== undefined)
    return { state: "unknown", loader: "systemd-boot", reason: unreadable, candidates: [] };
  const sorted = entries.toSorted(compareCandidates);
  const own = config.state === "found" ? config.value : undefined;
  const chosen = choose(sorted, own, "default") ?? sorted[0];
  if (chosen === undefined) return NOTHING;
  const preferred = choose(sorted, own, "preferred");
  const profile = namesProfile(own) && sorted.some(({ hasProfiles }) => hasProfiles);
  const doubt = profile
    ? "loader.conf names a profile of a unified kernel image: those beside the first are not followed"
    : (chosen.unread ?? doubtOf(chosen, preferred));
  if (doubt !== undefined)
    return {
      state: "unknown",
      loader: "systemd-boot",
      reason: doubt,
      candidates: sorted.map(({ start }) => start),
    };
  return {
    state: "boots",
    loader: chosen.loader,
    start: chosen.start,
    others: sorted.filter((one) => one !== chosen && !one.isOpaque).map(({ start }) => start),
    notes: ["EFI variables can make systemd-boot choose another entry", ...chosen.notes],
  };
}

function doubtOf({ start, isOpaque }: Candidate, preferred: Candidate | undefined): string | undefined {
  if (isOpaque)
    return `"${start.entry}" starts ${start.kernelPath ?? "a program"}, whose arguments are not followed`;
  if (preferred === undefined || preferred.start === start) return undefined;
  return `loader.conf prefers "${preferred.start.entry}", which not every systemd-boot knows of`;
}

/** What boots when the firmware starts a unified kernel image itself. */
export function lookRemovableUki(files: BootFiles): LoaderAnswer {
  for (const folder of ESP_FOLDERS)
    for (const name of ["BOOTX64.EFI", "BOOTAA64.EFI"]) {
      const path = `${folder}/EFI/BOOT/${name}`;
      const look = lookUki(path, files);
      if (look.state === "unreadable")
        return { state: "unknown", loader: "uki", reason: look.reason, candidates: [] };
      if (look.state === "absent" || !look.uki.isKernel) continue;
      const { start, notes, unread } = fromUki(path, look.uki, files, folder);
      if (unread !== undefined)
        return { state: "unknown", loader: "uki", reason: unread, candidates: [start] };
      return { state: "boots", loader: "uki", start, others: [], notes };
    }
  return NOTHING;
}

/** Source: loader.conf(5); `preferred` is one of the newest. */
function choose(
  sorted: readonly Candidate[],
  config: TextFile | undefined,
  key: "default" | "preferred",
): Candidate | undefined {
  const pattern = settingOf(config, key);
  if (pattern === undefined || pattern.startsWith("@")) return undefined;
  const matches = globMatcher(pattern, false);
  return sorted.find(({ id }) => matches(id) || matches(id.replace(/\.conf$/, "")));
}

function settingOf(config: TextFile | undefined, key: string): string | undefined {
  const line = new RegExp(`^\\s*${key}\\s+(\\S+)`);
  return config?.lines.flatMap((text) => line.exec(text)?.[1] ?? []).at(-1);
}

/** `image.efi@id`. Source: systemd, boot.c, boot_entry_add_unified. */
function namesProfile(config: TextFile | undefined): boolean {
  return ["default", "preferred"].some((key) => /.@/.test(settingOf(config, key) ?? ""));
}

/** The images of one partition, or why they cannot be read. */
function lookImages(folder: string, files: BootFiles): readonly Candidate[] | string {
  const names = files.names(`${folder}/EFI/Linux`, { extension: ".efi", maxBytes: 64 << 10 });
  if (names.state === "unreadable") return names.reason;
  if (names.state === "absent") return [];
  const found: Candidate[] = [];
  for (const name of names.value) {
    const path = `${folder}/EFI/Linux/${name}`;
    const look = lookUki(path, files);
    if (look.state === "unreadable") return look.reason;
    if (look.state === "found") found.push(fromUki(path, look.uki, files, folder));
  }
  return found;
}

function fromUki(path: string, uki: Uki, files: BootFiles, folder: string): Candidate {
  const fields = parseOsRelease(uki.osRelease);
  const field = (...names: readonly string[]): string =>
    names.map((name) => fields.get(name)).find((value) => value !== undefined && value !== "") ?? "";
  const name = path.slice(path.lastIndexOf("/") + 1);
  // Boot counters are no part of the folder's name: systemd, util.c, get_extra_dir.
  const own = `${path.replace(/\+[0-9]+(?:-[0-9]+)?(\.[a-z]+)$/i, "$1")}.extra.d`;
  const found = [`${folder}/loader/addons`, own].flatMap((place) => addonsIn(place, uki, files));
  const isOld = found.length > 0 && !takesAddons(path, files);
  const addons = isOld ? [] : found.flatMap((one) => ("unread" in one ? [] : one));
  const unread = isOld ? [] : found.flatMap((one) => ("unread" in one ? one.unread : []));
  const cmdline = [uki.cmdline ?? "", ...addons.map((addon) => addon.cmdline)]
    .filter((text) => text !== "")
    .join(" ");
  return {
    start: {
      entry: field("PRETTY_NAME") || name,
      kernelPath: path,
      ...(uki.kernelVersion === undefined ? {} : { version: uki.kernelVersion }),
      cmdline,
      evidence: [uki.evidence, ...addons.map((addon) => addon.evidence)],
    },
    ...counted(name),
    sortKey: field("IMAGE_ID", "ID"),
    machineId: "",
    version: field("IMAGE_VERSION", "VERSION", "VERSION_ID", "BUILD_ID"),
    loader: "uki",
    notes: [
      ...(uki.hasProfiles ? [`${name} has several profiles; the first is taken`] : []),
      ...(isOld ? [`${name} has a systemd-stub that reads no addons: those beside it do not count`] : []),
    ],
    ...(unread[0] === undefined ? {} : { unread: unread[0] }),
    ...(uki.hasProfiles ? { hasProfiles: true } : {}),
  };
}

/** Since 254; of a stub that does not tell its version they are taken to be read. */
function takesAddons(path: string, files: BootFiles): boolean {
  const look = lookUki(path, files, true);
  return look.state !== "found" || (look.uki.stubVersion ?? ADDONS_SINCE) >= ADDONS_SINCE;
}

const ADDONS_SINCE = 254;

type Addon = { readonly cmdline: string; readonly evidence: Evidence } | { readonly unread: string };

/** Those for another kernel are left out, and whole images. Source: systemd, stub.c, load_addons. */
function addonsIn(folder: string, { kernelVersion }: Uki, files: BootFiles): readonly Addon[] {
  const names = files.names(folder, { extension: ".addon.efi", maxBytes: 64 << 10 });
  if (names.state === "unreadable") return [{ unread: names.reason }];
  if (names.state === "absent") return [];
  return names.value.flatMap((name): readonly Addon[] => {
    const look = lookUki(`${folder}/${name}`, files);
    if (look.state === "unreadable") return [{ unread: look.reason }];
    if (look.state !== "found" || look.uki.cmdline === undefined || look.uki.isKernel) return [];
    const wanted = look.uki.kernelVersion;
    if (wanted !== undefined && kernelVersion !== undefined && wanted !== kernelVersion) return [];
    return [{ cmdline: look.uki.cmdline, evidence: look.uki.evidence }];
  });
}

/** What an entry starts, each in place of the others. Source: systemd, boot.c, boot_entry_add_type1. */
const STARTED = ["linux", "efi", "uki", "uki-url"];

/** A unified kernel image: whether its own arguments hold or the entry's, Secure Boot says. Source: systemd-stub(7). */
const UNIFIED = /^\/EFI\/.*\.efi$/i;

/** Undefined when it starts nothing. */
export function fromBls(name: string, file: TextFile): Candidate | undefined {
  const entry: BlsEntry = parseBlsEntry(name, file, false);
  const given = STARTED.flatMap((key) => firstField(entry, key) ?? []);
  const [linux] = given;
  if (linux === undefined || given.length > 1) return undefined;
  const last = (key: string): string => entry.fields.findLast((field) => field.key === key)?.value ?? "";
  const options = entry.fields.filter(({ key }) => key === "options");
  const lines = options.length > 0 ? options : [linux];
  return {
    start: {
      entry: last("title") || name,
      kernelPath: linux.value,
      ...(last("version") === "" ? {} : { version: last("version") }),
      cmdline: options.map(({ value }) => value).join(" "),
      evidence: lines.map(({ line }) => file.evidence(line)),
    },
    ...counted(`${name}.conf`),
    sortKey: last("sort-key"),
    machineId: last("machine-id"),
    version: last("version"),
    loader: "systemd-boot",
    notes: [],
    ...(linux.key === "linux" && !UNIFIED.test(linux.value) ? {} : { isOpaque: true }),
  };
}

/** `name+3-1.conf`: three tries left, one done. Source: the specification's "Boot counting". */
function counted(name: string): { id: string; triesLeft: number | undefined } {
  const found = /^(.*)\+([0-9]+)(?:-[0-9]+)?(\.[a-z]+)$/i.exec(name);
  if (found === null) return { id: name.toLowerCase(), triesLeft: undefined };
  return { id: `${found[1] ?? ""}${found[3] ?? ""}`.toLowerCase(), triesLeft: Number(found[2]) };
}

function compareCandidates(a: Candidate, b: Candidate): number {
  const text = (x: string, y: string): number => (x === y ? 0 : x < y ? -1 : 1);
  const bad = Number(a.triesLeft === 0) - Number(b.triesLeft === 0);
  if (bad !== 0) return bad;
  const keyed = Number(a.sortKey === "") - Number(b.sortKey === "");
  if (keyed !== 0) return keyed;
  const byKey =
    a.sortKey === ""
      ? 0
      : text(a.sortKey, b.sortKey) || text(a.machineId, b.machineId) || compareSystemd(b.version, a.version);
  return byKey || compareSystemd(b.id, a.id);
}
