import type { Observations } from "../../../model/observations.ts";
import type { BlindSpot } from "../../../model/prediction.ts";
import type { Want } from "../../../model/snapshot.ts";
import { type CommandLine, readCommandLine } from "../../command-line.ts";
import { isFollowed } from "../../init.ts";
import type { Layer } from "../../layer.ts";

const FOLDER = "/etc/systemd/system";
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
    const own = observations.list(FOLDER);
    const isNamed = own.state === "found" && own.value.some(({ name }) => name === DEFAULT);
    return isNamed ? [{ path: `${FOLDER}/${DEFAULT}`, what: "names" }] : [];
  },
  read(observations, boot) {
    const line = readCommandLine(observations, boot);
    return {
      blindSpots: [...byCommandLine(line), ...byDefault(observations, line)],
      unlessOn: [...byProgram(observations), ...byShippedInit(line)],
    };
  },
  effect({ blindSpots, unlessOn }, before) {
    const others = unlessOn.map((spot) => ({ ...spot, decisive: before.nic !== 0 }));
    return { state: before, steps: [], blindSpots: [...blindSpots, ...others] };
  },
};

function lastOf(line: CommandLine, name: string): string | undefined {
  return line.arguments.findLast((one) => one.name === name && one.value !== undefined)?.value;
}

function byCommandLine(line: CommandLine): readonly BlindSpot[] {
  const init = lastOf(line, "init");
  const target = lastOf(line, "systemd.unit");
  const run = lastOf(line, "systemd.run");
  const volatile = line.arguments.findLast(({ name }) => name === "systemd.volatile");
  const extra = lastOf(line, "systemd.mount-extra");
  const texts = [
    init !== undefined && !USUAL_INIT.has(init) && !SHIPPED_INIT.test(init)
      ? `init=${init} starts in place of the usual init; what it does is not known`
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
  return texts.flatMap((text) =>
    text === undefined ? [] : [{ layer: "init", text, evidence: line.evidence, decisive: true }],
  );
}

function byShippedInit(line: CommandLine): readonly BlindSpot[] {
  const init = lastOf(line, "init");
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
function byDefault(observations: Observations, line: CommandLine): readonly BlindSpot[] {
  if (lastOf(line, "systemd.unit") !== undefined) return [];
  const path = `${FOLDER}/${DEFAULT}`;
  const entry = observations.entry(path);
  if (entry.state !== "found") return [];
  const target = entry.value.target?.replace(/.*\//, "");
  if (target !== undefined && USUAL_TARGET.test(target)) return [];
  const what = target ?? "a file of the image's own";
  const text = `${DEFAULT} is ${what}: what that starts, and what not, is not followed`;
  return [{ layer: "init", text, evidence: [{ locator: entry.locator }], decisive: true }];
}
