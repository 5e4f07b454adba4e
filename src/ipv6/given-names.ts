import type { BootFacts } from "../model/boot.ts";
import type { Evidence } from "../model/locator.ts";
import type { Observations } from "../model/observations.ts";
import type { BlindSpot } from "../model/prediction.ts";
import type { Want } from "../model/snapshot.ts";
import { type FolderRules, isMask, readConfigFolders, unseen } from "./config-folders.ts";
import { initOf } from "./init.ts";
import { evidenceIn, type Line, textFile } from "./lines.ts";
import { isNicName } from "./nic.ts";
import { beneath } from "./overlay.ts";
import { matchesPattern } from "./pattern.ts";

const LINKS = "/etc/systemd/network";
const UDEV = "/etc/udev/rules.d";
const RULES: FolderRules = { layer: "names", accepts: (name) => name.endsWith(".link") };
/** Each costs a look at everything that goes by the name of a card. */
const NAMES_MAX = 8;

/** Asked for where IPv6 would stay off; other rules of udev are read anyway. */
export const NAME_WANTS: readonly Want[] = [{ path: `${LINKS}/*.link` }, { path: `${UDEV}/*net*.rules` }];

export interface GivenName {
  readonly name: string;
  readonly evidence: Evidence;
}

interface GivenNames {
  readonly names: readonly GivenName[];
  readonly blindSpots: readonly BlindSpot[];
}

/**
 * Names that the image's own .link files and rules of udev give to a card, instead of those that it has by the
 * usual schemes. Sources: systemd.link(5), `Name=`; udev(7), `NAME`.
 */
export function givenNames(observations: Observations): GivenNames {
  const seen = beneath(observations);
  const names = known.get(seen) ?? readNames(seen);
  known.set(seen, names);
  return names;
}

/** The machine is sent through its boot several times; what programs write at boot names no card. */
const known = new WeakMap<Observations, GivenNames>();

function readNames(observations: Observations): GivenNames {
  const { files, blindSpots } = readConfigFolders(observations, [LINKS], RULES);
  const byLink = files.flatMap((file) => namesIn(file.lines, (line) => evidenceIn(file, line)));
  const rules = observations.list(UDEV);
  const byRule = (rules.state === "found" ? rules.value : []).flatMap(({ name }): readonly GivenName[] => {
    const file = textFile(observations, `${UDEV}/${name}`);
    if (!name.endsWith(".rules") || file.state !== "found") return [];
    return file.lines.flatMap((line) => {
      const given = /^[^#]*[\s,]NAME\s*:?=\s*"([\w.-]+)"/.exec(line.text)?.[1];
      return given === undefined ? [] : [{ name: given, evidence: evidenceIn(file, line) }];
    });
  });
  const unread = (rules.state === "found" ? rules.value : []).flatMap(({ name }): readonly BlindSpot[] => {
    const path = `${UDEV}/${name}`;
    const file = observations.file(path);
    const isAsked = /net.*\.rules$/.test(name) && file.state === "unreadable";
    return isAsked ? [unseen("names", path, file.reason, file.locator)] : [];
  });
  const found = [...new Map([...byLink, ...byRule].map((one) => [one.name, one])).values()];
  const all = [...blindSpots, ...unread];
  if (found.length <= NAMES_MAX) return { names: found, blindSpots: all };
  const text = `files give cards ${found.length} names: ${NAMES_MAX} of them were looked at`;
  const spot: BlindSpot = { layer: "names", text, evidence: [], decisive: true };
  return { names: found.slice(0, NAMES_MAX), blindSpots: [...all, spot] };
}

/** Masked, they leave cards the kernel's names. Source: systemd.net-naming-scheme(7), udev's 80-net-setup-link.rules. */
const RENAMERS = [`${LINKS}/99-default.link`, `${UDEV}/80-net-setup-link.rules`];

/**
 * Whether an `eth0` is a card's name to the end: by the boot loader's arguments, or these are not known; or the image
 * gives cards such names. BusyBox's mdev, which OpenRC mostly has, renames none; neither does SUSE where it has wicked.
 */
export function keepsKernelNames(observations: Observations, boot: BootFacts): boolean {
  if (boot.cmdline === undefined || boot.nicNames.length > 0) return true;
  if (givenNames(observations).names.some(({ name }) => name.startsWith("eth"))) return true;
  return initOf(observations) === "openrc" || RENAMERS.some((path) => isMask(observations, path));
}

/** `[Link] Name=`, unless `[Match]` is about something else than a cloud's card. */
function namesIn(lines: readonly Line[], evidence: (line: Line) => Evidence): readonly GivenName[] {
  const value = (key: string): { readonly text: string; readonly line: Line } | undefined => {
    const line = lines.findLast(({ text }) => new RegExp(`^\\s*${key}\\s*=`).test(text));
    return line && { text: line.text.slice(line.text.indexOf("=") + 1).trim(), line };
  };
  const given = value("Name");
  const original = value("OriginalName")?.text.split(/\s+/) ?? [];
  const types = value("Type")?.text.split(/\s+/) ?? [];
  const isCards =
    (original.length === 0 || original.some(fitsCard)) &&
    (types.length === 0 || types.some((one) => one.startsWith("!") || matchesPattern(one, "ether")));
  return given && isCards && /^[\w.-]+$/.test(given.text)
    ? [{ name: given.text, evidence: evidence(given.line) }]
    : [];
}

/** What it excludes is seldom a cloud's card. */
function fitsCard(pattern: string): boolean {
  return pattern.startsWith("!") || isNicName(pattern) || CARDS.some((card) => matchesPattern(pattern, card));
}

/** What a card is called before it is renamed. */
const CARDS = ["eth0", "ens3", "ens5", "ens192", "enp0s3", "enp11s0", "enX0"];
