import type { BootFacts } from "../../../model/boot.ts";
import type { Observations } from "../../../model/observations.ts";
import type { BlindSpot } from "../../../model/prediction.ts";
import type { Want } from "../../../model/snapshot.ts";
import { type Argument, splitArguments } from "../../arguments.ts";
import { type CommandLine, readCommandLine } from "../../command-line.ts";
import { isFollowed } from "../../init.ts";
import type { Layer } from "../../layer.ts";
import { OWN_UNITS } from "../../unit-folders.ts";

const DEFAULT = "default.target";
const USUAL_INIT = new Set([
  "/sbin/init",
  "/lib/systemd/systemd",
  "/usr/lib/systemd/systemd",
  "/bin/systemd",
  "/usr/sbin/init",
]);
/** Those of NixOS and Clear Linux prepare /etc and then start systemd: whether /etc is as it is here is not sure. */
const SHIPPED_INIT = /^(?:\/nix\/store\/[^/]+\/init|\/usr\/bin\/initra-[\w-]+)$/;
/** Source: systemd.special(7). */
const USUAL_TARGET = /^(?:default|multi-user|graphical|runlevel[2345])\.target$/;
/** They start less, and nothing that would bring IPv6 back. */
const LESSER_TARGET = /^(?:rescue|emergency|runlevel1)\.target$/;
/** Source: systemd's parse_boolean. */
const YES = /^(?:1|yes|y|true|t|on)$/i;

export interface GoalFacts {
  readonly blindSpots: readonly BlindSpot[];
  /** Of an init that is not known: what it starts may bring IPv6 back. */
  readonly unlessOn: readonly BlindSpot[];
}

/**
 * What the machine boots into. All other layers follow what multi-user.target starts; of another goal, or another
 * init, nobody knows. Sources: kernel-command-line(7), systemd-fstab-generator(8), systemd.special(7), default.target.
 */
export const goal: Layer<GoalFacts> = {
  id: "init",
  wants: [],
  follow(observations): readonly Want[] {
    const own = observations.list(OWN_UNITS);
    const isNamed = own.state === "found" && own.value.some(({ name }) => name === DEFAULT);
    return isNamed ? [{ path: `${OWN_UNITS}/${DEFAULT}`, what: "names" }] : [];
  },
  read(observations, boot) {
    const line = readCommandLine(observations, boot);
    const words = forUserSpace(boot);
    const mayBe = line.known ? [] : (boot.cmdlineMayBe ?? []).map(splitArguments);
    return {
      blindSpots: [...byCommandLine(line, words), ...byDefault(observations, words)],
      unlessOn: [
        ...byProgram(observations),
        ...byShippedInit(line),
        ...byFurther(words, boot),
        ...mayBe.flatMap((one) => [
          ...byCommandLine({ ...line, arguments: one }, one),
          ...byMask(one),
          ...byFurther(one, boot),
        ]),
      ],
    };
  },
  effect({ blindSpots, unlessOn }, before) {
    const others = unlessOn.map((spot) => ({ ...spot, decisive: before.nic !== 0 }));
    return { state: before, steps: [], blindSpots: [...blindSpots, ...others] };
  },
};

/** It reads the whole of the line, where the kernel ends at `--`. Source: systemd, proc-cmdline.c. */
function forUserSpace({ cmdline }: BootFacts): readonly Argument[] {
  return splitArguments(cmdline ?? "");
}

function lastOf(words: readonly Argument[], name: string): string | undefined {
  return words.findLast((one) => nameOf(one) === name && one.value !== undefined)?.value;
}

/** Source: systemd, proc_cmdline_key_streq. */
function nameOf({ name }: Argument): string {
  return name.replaceAll("_", "-");
}

function spotOf(text: string, evidence: BlindSpot["evidence"]): BlindSpot {
  return { layer: "init", text, evidence, decisive: true };
}

function byCommandLine(line: CommandLine, words: readonly Argument[]): readonly BlindSpot[] {
  const init = lastOf(line.arguments, "init");
  const initrd = lastOf(line.arguments, "rdinit");
  const target = lastOf(words, "systemd.unit");
  const run = lastOf(words, "systemd.run");
  const volatile = words.findLast((one) => nameOf(one) === "systemd.volatile");
  const extra = lastOf(words, "systemd.mount-extra") ?? lastOf(words, "rd.systemd.mount-extra");
  const texts = [
    init !== undefined && !USUAL_INIT.has(init) && !SHIPPED_INIT.test(init)
      ? `init=${init} starts in place of the usual init; what it does is not known`
      : undefined,
    initrd !== undefined && initrd !== "/init"
      ? `rdinit=${initrd} starts in place of the initrd's own init; what it does is not known`
      : undefined,
    target !== undefined && !USUAL_TARGET.test(target) && !LESSER_TARGET.test(target)
      ? `systemd.unit=${target} is started in place of the usual target; what that starts is not followed`
      : undefined,
    run === undefined ? undefined : `systemd.run= runs ${run}; what that does is not followed`,
    volatile !== undefined && YES.test(volatile.value ?? "yes")
      ? "systemd.volatile= makes /etc and /var anew at each boot: what the image has there does not count"
      : undefined,
    extra === undefined ? undefined : `systemd.mount-extra=${extra} mounts what is not read`,
  ];
  return texts.flatMap((text) => (text === undefined ? [] : [spotOf(text, line.evidence)]));
}

/**
 * What puts other files in the place of those that were read, or starts more than the links say. Sources:
 * systemd-debug-generator(8), systemd-import-generator(8), systemd-fstab-generator(8); dracut.cmdline(7); live-boot(7), casper(7);
 * Ubuntu's overlayroot.
 */
const FURTHER: readonly (readonly [name: RegExp, value: RegExp, what: string])[] = [
  [/^systemd\.wants$/, /./, "starts a unit that no link starts"],
  [/^(?:rd\.)?systemd\.pull$/, /./, "fetches an image that may be laid over the system"],
  [/^(?:systemd\.)?fstab$/, /^(?:0|no|n|false|f|off)$/i, "keeps the mounts of fstab away"],
  [
    /^root$/,
    /^(?:live|liveiso|live-squash|overlayfs|nfs4?|nbd|iscsi|http|https|dhcp6?|cifs):/i,
    "makes something else the root",
  ],
  [/^boot$/, /^(?:live|casper|nfs|img)$/i, "makes something else the root"],
  [/^(?:rd\.live\.image|rd\.live\.dir)$/, /^(?!(?:0|no|off)$)/i, "makes something else the root"],
  [/^rd\.(?:live\.)?overlay$/, /^(?!(?:0|1|no|yes|off|on)$)./i, "lays over the root what is not read"],
  [/^overlayroot$/, /^(?:device|crypt)[:,]/i, "lays over the root what is not read"],
];

function byFurther(words: readonly Argument[], { cmdlineEvidence }: BootFacts): readonly BlindSpot[] {
  return words.flatMap((word): readonly BlindSpot[] => {
    const { value = "" } = word;
    const found = FURTHER.find(([name, fits]) => name.test(nameOf(word)) && fits.test(value));
    if (!found) return [];
    return [spotOf(`${word.name}=${value} on the kernel command line ${found[2]}`, cmdlineEvidence)];
  });
}

/** Of a line that is not known nothing is masked. */
function byMask(words: readonly Argument[]): readonly BlindSpot[] {
  const masked = lastOf(words, "systemd.mask");
  if (masked === undefined) return [];
  return [spotOf(`the kernel command line may have systemd.mask=${masked}`, [])];
}

function byShippedInit(line: CommandLine): readonly BlindSpot[] {
  const init = lastOf(line.arguments, "init");
  if (init === undefined || !SHIPPED_INIT.test(init)) return [];
  const text = `init=${init} makes /etc ready before systemd starts: what it changes there is not followed`;
  return [{ layer: "init", text, evidence: line.evidence, decisive: true }];
}

/** Neither systemd nor OpenRC, nor one with SysV's or Void's links. */
function byProgram(observations: Observations): readonly BlindSpot[] {
  if (isFollowed(observations)) return [];
  const { locator } = observations.entry("/sbin/init");
  const text = "/sbin/init is not systemd: what starts with the machine is not followed";
  return [{ layer: "init", text, evidence: [{ locator }], decisive: true }];
}

/** The link that `systemctl set-default` makes. */
function byDefault(observations: Observations, words: readonly Argument[]): readonly BlindSpot[] {
  if (lastOf(words, "systemd.unit") !== undefined) return [];
  const path = `${OWN_UNITS}/${DEFAULT}`;
  const entry = observations.entry(path);
  if (entry.state !== "found") return [];
  const target = entry.value.target?.replace(/.*\//, "");
  if (target !== undefined && USUAL_TARGET.test(target)) return [];
  const what = target ?? "a file of the image's own";
  const text = `${DEFAULT} is ${what}: what that starts, and what not, is not followed`;
  return [{ layer: "init", text, evidence: [{ locator: entry.locator }], decisive: true }];
}
