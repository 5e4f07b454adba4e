import type { BootFacts } from "../../../model/boot.ts";
import type { Evidence } from "../../../model/locator.ts";
import type { Observations } from "../../../model/observations.ts";
import type { BlindSpot } from "../../../model/prediction.ts";
import type { Want } from "../../../model/snapshot.ts";
import { unseen } from "../../config-folders.ts";
import type { BootState, Layer, Switch } from "../../layer.ts";
import { type Line, lineEvidence, textFile } from "../../lines.ts";
import { matchesPattern } from "../../pattern.ts";
import { isFirstBoot, presetWants } from "../../presets.ts";
import { asSwitch, switchCommand } from "../../switch-command.ts";
import { readVendorFolders } from "../../vendors.ts";
import { appliedBy, appliedWants } from "./applied.ts";
import { credentials, extensions, foldersElsewhere, generators, lingering } from "./elsewhere.ts";
import { initramfsFolders } from "./initramfs.ts";
import { mountUnits, mountWants, overlaidRoot } from "./mounts.ts";
import {
  cloudConfig,
  cloudInitRuns,
  FURTHER_WANTS,
  firstWants,
  furtherScripts,
  hookedIn,
  isLeftOut,
  MODPROBE,
  PLAIN_PLACES,
  SCRIPT_MAX_BYTES,
  scriptsIn,
  splitFolders,
  vendorHookFolders,
} from "./places.ts";
import { localWants } from "./programs.ts";
import { HANDLERS, SELDOM_WANTS, seldomFolders } from "./seldom.ts";
import { installsManager, startsManager, unusualFolders, unusualLinks } from "./starts.ts";
import { handedOver, stubFolders } from "./stub.ts";
import { linkFolderWants, mayStart, otherUnits, vendorLinks } from "./units.ts";

/** A line of a script that touches the switch. */
interface Touch {
  readonly spot: BlindSpot;
  /** What it writes, where that is plain. */
  readonly value: 0 | 1 | undefined;
  /** Why it does not run. */
  readonly idle?: string;
}

export interface ScriptFacts {
  readonly touches: readonly Touch[];
  /** What may run and could not be read. */
  readonly unread: readonly BlindSpot[];
  /** The same of what is only asked for where IPv6 would stay off. */
  readonly furtherUnread: readonly BlindSpot[];
}

/**
 * Scripts, units, rules and cron jobs that name disable_ipv6: when they run, and whether, is not followed. They
 * are blind spots, decisive where what they write is not what the card has anyway.
 */
export const scripts: Layer<ScriptFacts> = {
  id: "scripts",
  wants: PLAIN_PLACES,
  follow(observations, boot): readonly Want[] {
    const paths = [...scriptsIn(observations, boot), ...otherUnits(observations)];
    const touches = paths.some((path) => touchesIn(observations, boot, path).length > 0);
    return [
      ...firstWants(observations, boot),
      ...paths.map(asWant),
      ...(touches ? [...linkFolderWants(observations), ...appliedWants(observations)] : []),
      ...(touches && isFirstBoot(observations) ? presetWants(observations) : []),
    ];
  },
  read(observations, boot) {
    const paths = [
      ...new Set([
        ...scriptsIn(observations, boot),
        ...furtherScripts(observations, boot),
        ...(cloudInitRuns(observations, boot) ? cloudConfig(observations) : []),
      ]),
    ];
    return {
      touches: [
        ...paths.flatMap((path) => touchesIn(observations, boot, path)),
        ...unusualLinks(observations, boot).map(linkTouch(observations)),
      ],
      unread: scriptsIn(observations, boot).flatMap((path) => unreadIn(observations, path)),
      furtherUnread: [
        ...furtherScripts(observations, boot).flatMap((path) => unreadIn(observations, path)),
        ...furtherFolders(observations, boot).flatMap((path) => unlistedIn(observations, path)),
        ...extensions(observations, boot),
        ...credentials(observations, boot),
        ...mountUnits(observations),
        ...overlaidRoot(observations),
        ...handedOver(observations, boot),
        ...generators(observations),
        ...lingering(observations),
      ],
    };
  },
  effect({ touches, unread, furtherUnread }, before) {
    const isPresent = before.stack === "present";
    const blindSpots = touches.map(({ spot, value, idle }) => ({
      ...spot,
      decisive: idle === undefined && isPresent && before.nic !== value,
    }));
    const wasAsked = isPresent && before.nic !== 0;
    const open = [...unread, ...(wasAsked ? furtherUnread : [])].map((spot) => ({
      ...spot,
      decisive: wasAsked,
    }));
    const written = touches.filter(({ idle }) => idle === undefined).map(({ value }) => value);
    return { state: afterAll(before, written), steps: [], blindSpots: [...blindSpots, ...open] };
  },
};

/** What is written may be written to any interface; of the card the blind spots tell. */
function afterAll(before: BootState, written: readonly Touch["value"][]): BootState {
  const either = (value: Switch): Switch => (written.every((one) => one === value) ? value : "unknown");
  return { ...before, all: either(before.all), default: either(before.default), lo: either(before.lo) };
}

/** For a machine that is off so far: further places from which it may be switched on. */
export function followFurther(observations: Observations, boot: BootFacts): readonly Want[] {
  return [
    ...FIRST,
    ...furtherFolders(observations, boot).map((path): Want => ({ path, what: "list" })),
    ...furtherScripts(observations, boot).map(asWant),
    ...mountWants(observations),
  ];
}

/** Those that are asked for first, whatever the machine has. */
const FIRST: readonly Want[] = [...FURTHER_WANTS, ...SELDOM_WANTS];

function asWant(path: string): Want {
  return { path, maxBytes: SCRIPT_MAX_BYTES };
}

function furtherFolders(observations: Observations, boot: BootFacts): readonly string[] {
  const wants = [
    ...FIRST,
    ...seldomFolders(observations),
    ...vendorLinks(observations).map((path): Want => ({ path, what: "list" })),
    ...splitFolders(observations),
    ...unusualFolders(observations),
    ...vendorHookFolders(observations, boot).map((path): Want => ({ path, what: "list" })),
    ...localWants(observations, [
      ...scriptsIn(observations, boot),
      ...furtherScripts(observations, boot),
      ...hookedIn(observations),
    ]),
  ];
  const folders = wants.flatMap(({ path, what }) => (what === "list" ? [path] : []));
  return [
    ...folders,
    ...foldersElsewhere(observations),
    ...readVendorFolders(observations),
    ...stubFolders(observations, boot),
    ...initramfsFolders(observations, boot),
  ];
}

function unlistedIn(observations: Observations, path: string): readonly BlindSpot[] {
  const listed = observations.list(path);
  if (listed.state !== "unreadable" || NO_FILE.test(listed.reason)) return [];
  return [unseen("scripts", path, listed.reason, listed.locator)];
}

/** Nothing that could be run, rather than something that could not be read. */
const NO_FILE = /^is an? |^loops|loop/;

function unreadIn(observations: Observations, path: string): readonly BlindSpot[] {
  const file = textFile(observations, path);
  if (file.state !== "unreadable" || NO_FILE.test(file.reason)) return [];
  return [unseen("scripts", path, file.reason, file.locator)];
}

function touchesIn(observations: Observations, boot: BootFacts, path: string): readonly Touch[] {
  const file = textFile(observations, path);
  if (file.state !== "found") return [];
  const given = networkOf(path, file.lines);
  if (given) return [networkTouch(path, lineEvidence(file.locator, given))];
  const hidden = hiddenIn(path, file.lines);
  if (hidden) return [hiddenTouch(path, lineEvidence(file.locator, hidden))];
  const whole = continued(file.lines);
  const touches = file.lines.flatMap((line, index): Touch[] => {
    if (path.startsWith(MODPROBE) && !INSTALL.test(line.text)) return [];
    const written = path.includes("/tmpfiles.d/") ? TMPFILE.exec(line.text) : null;
    const unknown = { iface: undefined, value: undefined };
    const command = written
      ? { iface: written[1], value: asSwitch(written[2]) }
      : placedByPattern(path, line.text)
        ? unknown
        : (switchCommand(
            decoded(line.text).replace(/^(Exec\w+=[-@:+!]*|\s*-\s+|@reboot\s+(root\s+)?)/, ""),
          ) ?? applies(observations, path, file.lines, line.text));
    const starts =
      startsManager(observations, boot, whole[index] ?? "") ||
      (path.startsWith(CLOUD_CONFIG) && installsManager(observations, boot, line.text));
    if (!command && !starts) return [];
    if (!command) return [startTouch(path, lineEvidence(file.locator, line))];
    const text = `${path} touches disable_ipv6 while the machine comes up`;
    const spot = { layer: "scripts", text, evidence: [lineEvidence(file.locator, line)], decisive: true };
    const reaches = command.iface === undefined || command.iface !== "default";
    return reaches ? [{ spot, value: command.value }] : [];
  });
  if (touches.length === 0) return touches;
  const idle = isLeftOut(observations, path)
    ? "it may not be executed, so that nothing runs it"
    : mayStart(observations, boot, path)
      ? undefined
      : "nothing starts it";
  if (idle === undefined) return touches;
  const text = `${path} names disable_ipv6, but ${idle}`;
  return touches.map((one) => ({ ...one, idle, spot: { ...one.spot, text } }));
}

/**
 * Lines with what stands on further ones after a backslash; empty for those. Comments between do not end them. Source:
 * systemd.syntax(7).
 */
function continued(lines: readonly Line[]): readonly string[] {
  const parts: string[][] = [];
  let open: string[] | undefined;
  for (const { text } of lines) {
    const into: string[] = open ?? [];
    parts.push(open ? [] : into);
    if (open && /^\s*[#;]/.test(text)) continue;
    const goesOn = text.endsWith("\\");
    into.push(goesOn ? text.slice(0, -1) : text);
    open = goesOn ? into : undefined;
  }
  return parts.map((one) => one.join(" "));
}

/** The switch as systemd-tmpfiles finds it by a pattern, or by what it puts in place of escapes and specifiers. */
function placedByPattern(path: string, text: string): boolean {
  if (!path.includes("/tmpfiles.d/")) return false;
  const place = /^\s*["']?[wfF][+!=~^$-]*["']?\s+["']?(\/[^\s"']{1,200})/.exec(text)?.[1] ?? "";
  if (!/[*?[\\%]/.test(place) || !/disable|[*?[\\%]/.test(place)) return false;
  const parts = place.split("/").filter((one) => one !== "");
  const real = ["proc", "sys", "net", "ipv6", "conf", parts[5] ?? "", "disable_ipv6"];
  if (/[\\%]/.test(place)) return parts[0] === "proc";
  return (
    parts.length === real.length && real.every((one, at) => matchesPattern(parts[at] ?? "", one) || at === 5)
  );
}

/** What a unit's standard input says in base64. Source: systemd.exec(5), StandardInputData. */
function decoded(text: string): string {
  const data = /^\s*StandardInputData\s*=\s*([A-Za-z0-9+/=]{8,4000})\s*$/.exec(text)?.[1];
  return data === undefined ? text : Buffer.from(data, "base64").toString("latin1");
}

/** Source: tmpfiles.d(5), `w`. */
const TMPFILE =
  /^\s*w\S*\s+\/proc\/sys\/net\/ipv6\/conf\/([^/\s]+)\/disable_ipv6\s+\S+\s+\S+\s+\S+\s+\S+\s+(\S+)\s*$/;

/** A command in place of a module. Source: modprobe.d(5). */
const INSTALL = /^\s*(?:install|remove)\s/;

/** What tmpfiles.d puts there may be read after it. Source: tmpfiles.d(5). */
const PLACES_CONFIG =
  /^\s*[fFLC]\S*\s+["']?\/(?:etc|run)\/(?:sysctl\.d|systemd\/(?:network|system)|netplan|NetworkManager)(?:\/|["'\s])/;

/** cloud-init's own configuration. */
const CLOUD_CONFIG = "/etc/cloud/";
/** What it writes may be encoded; a sysctl file counts from the next boot on. Source: cc_write_files. */
const WRITES_CONFIG =
  /\bpath\s*:\s*["']?\/(?:(?:etc|run|usr\/(?:local\/)?lib)\/(?:sysctl\.|systemd\/network|netplan)|etc\/NetworkManager\/system-connections)/;

const SEED = "/var/lib/cloud/seed/";
/** Encoded content, also that of whole parts. Sources: cc_write_files; RFC 2045, section 6. */
const ENCODED = /\bencoding["']?\s*:\s*["']?(?:gz|b64|base64|quoted-printable|text\/x-uuencode)|!!binary\b/i;
/** The first byte of RFC 1952's. */
const GZIP = "\u001f";
/** What lies elsewhere, or is a program for parts to come. Source: cloud-init, handlers. */
const ELSEWHERE = /^#(?:include|part-handler)/;

/** What cloud-init runs or writes, and no word of it can be read. */
function hiddenIn(path: string, lines: readonly Line[]): Line | undefined {
  if (path.startsWith(`${HANDLERS}/`)) return lines[0];
  const isSeed = path.startsWith(SEED);
  if (!isSeed && !path.startsWith(CLOUD_CONFIG)) return undefined;
  return lines.find(
    ({ text }) =>
      (isSeed && (ELSEWHERE.test(text) || text.startsWith(GZIP))) ||
      (!/^\s*#/.test(text) && ENCODED.test(text)),
  );
}

function hiddenTouch(path: string, evidence: Evidence): Touch {
  const text = `${path} has cloud-init run or write what cannot be read in it`;
  return { spot: { layer: "scripts", text, evidence: [evidence], decisive: true }, value: undefined };
}

function linkTouch(observations: Observations): (path: string) => Touch {
  return (path) => startTouch(path, { locator: observations.entry(path).locator });
}

/** A seed's network configuration, as a file or under its datasource: it counts in place of the cloud's. Source: cloud-init, NoCloud. */
function networkOf(path: string, lines: readonly Line[]): Line | undefined {
  if (path.endsWith("/network-config")) return lines.find(({ text }) => /^\s*[^\s#]/.test(text));
  const isCloud = path.startsWith("/etc/cloud/");
  return isCloud ? lines.find(({ text }) => /^\s*network-config\s*:/.test(text)) : undefined;
}

function networkTouch(path: string, evidence: Evidence): Touch {
  const text = `${path} has a network configuration that cloud-init takes for the cloud's; it is not followed`;
  return { spot: { layer: "scripts", text, evidence: [evidence], decisive: true }, value: 0 };
}

function startTouch(path: string, evidence: Evidence): Touch {
  const text = `${path} starts a network manager that no usual link starts`;
  return { spot: { layer: "scripts", text, evidence: [evidence], decisive: true }, value: 0 };
}

/** `sysctl -p FILE` and `sysctl --system` apply settings once more; nmcli may change what a profile says. */
function applies(
  observations: Observations,
  path: string,
  lines: readonly Line[],
  text: string,
): { readonly iface: undefined; readonly value: 0 | 1 | undefined } | undefined {
  if (/^\s*#/.test(text)) return undefined;
  const places = path.includes("/tmpfiles.d/")
    ? PLACES_CONFIG.test(text)
    : path.startsWith(CLOUD_CONFIG) && WRITES_CONFIG.test(text);
  if (places) return { iface: undefined, value: undefined };
  if (/\bnmcli\b.*\bipv6\./.test(text)) return { iface: undefined, value: undefined };
  if (!isApplying(path, text)) return undefined;
  const value = UNFOLLOWED.test(path)
    ? undefined
    : appliedBy(observations, { lines, isUnit: UNIT_FOLDER.test(path) }, text);
  return value === "nothing" ? undefined : { iface: undefined, value };
}

/** What cloud-init writes before is not followed, nor the service that the sysctl layer's answer rests on. */
const UNFOLLOWED = /^\/etc\/cloud\/|\/(?:systemd-sysctl|procps)\.service/;
const UNIT_FOLDER = /\/systemd\/system\//;

/** Options may stand behind words, and several behind one dash; `-f` is `-p`. Source: sysctl(8); getopt(3). */
function isApplying(path: string, text: string): boolean {
  // OpenRC's own `sysctl $quiet -p FILE`, which the sysctl layer follows.
  if (path === "/etc/init.d/sysctl" && /\bsysctl\s+\$/.test(text)) return false;
  if (SERVICE.test(text)) return true;
  return text.split(/[;|&]+/).some((command) => {
    const at = command.search(/\bsysctl\b/);
    return at >= 0 && LOADS.test(command.slice(at));
  });
}

const SERVICE =
  /\/systemd-sysctl\b|systemd-sysctl\b.*\brestart|\brestart\s+(?:systemd-sysctl|procps)\b|\bprocps\s+(?:re)?start\b/;
const LOADS = /\s["']?(?:-[a-zA-Z]*[pf]|--(?:l|sy))/;
