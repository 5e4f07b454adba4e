import type { Outcome, Rule, RuleFinding, RuleInput } from "../../../model/finding.ts";
import type { Evidence } from "../../../model/locator.ts";
import { SYSCTL_CONF } from "../../../model/sysctl-folders.ts";
import { CONTROLS } from "../../controls.ts";
import { decisiveSpots, uniqueEvidence } from "../../decisive.ts";
import { modprobeSettings, type Setting, sysctlSettings } from "../../settings.ts";

const FILES: Readonly<Record<string, (text: string) => readonly Setting[]>> = {
  "/etc/modprobe.conf": modprobeSettings,
  "/etc/modprobe.d/local.conf": modprobeSettings,
  [SYSCTL_CONF]: sysctlSettings,
};
const FILE_BYTES_MAX = 64 << 10;
/** Layers whose files say off or on. */
const SETTING_LAYERS: readonly string[] = ["cmdline", "modprobe", "sysctl"];

/** Settings that look like off on a machine where IPv6 comes up: whoever reads them believes something wrong. */
export const ipv6SysctlConsistent: Rule = {
  id: "ipv6-sysctl-consistent",
  title: "IPv6 Settings Consistent",
  severity: "medium",
  description:
    "What the image says about IPv6 must be what happens. disable_ipv6=1 in sysctl.d, options or blacklist in " +
    "modprobe.d and the like are often undone (by a later file, by a network manager) or never read at all (a " +
    "kernel with IPv6 built in, a /etc/sysctl.conf that nothing links to), and whoever finds them believes that " +
    "IPv6 is off. Such a setting is either made to work or taken out.",
  controls: [CONTROLS.configurationSettings, CONTROLS.ipv6Status],
  wants: Object.keys(FILES).map((path) => ({ path, maxBytes: FILE_BYTES_MAX })),
  judge(input: RuleInput): RuleFinding {
    const off = looksOff(input);
    const [outcome, message] = answer(input, off, unseenPlace(input));
    const deciding = input.prediction.deciding.flatMap(({ evidence }) => evidence);
    return {
      outcome,
      message,
      remedy:
        outcome === "fail"
          ? "Make the settings work (ipv6.disable=1 on the kernel command line does on its own), or take out those that are named as evidence."
          : "",
      checks: [],
      evidence: outcome === "pass" ? [] : uniqueEvidence([...off, ...deciding]),
    };
  },
};

function answer(
  { os, prediction }: RuleInput,
  off: readonly Evidence[],
  unseen: string | undefined,
): readonly [Outcome, string] {
  if (os.type === "windows") return ["not-applicable", "Windows has no such settings."];
  const { state, disableIpv6 } = prediction;
  const count = `${off.length} ${off.length === 1 ? "setting says" : "settings say"}`;
  switch (state) {
    case "off":
      return ["pass", "IPv6 is off, as the settings say."];
    case "on":
    case "partial":
      if (off.length > 0) return ["fail", `${count} that IPv6 is off, but it comes up: ${prediction.reason}`];
      if (disableIpv6.all === 1) return ["fail", "all.disable_ipv6 reads 1, but IPv6 comes up."];
      if (unseen !== undefined)
        return ["unknown", `It cannot be told whether a setting says otherwise: ${unseen}`];
      return ["pass", "IPv6 comes up, and no setting says otherwise."];
    case "unknown":
      return off.length > 0
        ? [
            "unknown",
            `${count} that IPv6 is off; whether it is cannot be told: ${decisiveSpots(prediction)[0]?.text ?? prediction.reason}`,
          ]
        : unseen === undefined
          ? ["pass", "No setting says that IPv6 is off."]
          : ["unknown", `It cannot be told whether a setting says that IPv6 is off: ${unseen}`];
  }
}

/** Where a setting may stand that nobody could see, so that finding none says nothing. */
function unseenPlace({ prediction, observations }: RuleInput): string | undefined {
  const spot = prediction.blindSpots.find(
    ({ layer, decisive }) => layer === "files" || (decisive && SETTING_LAYERS.includes(layer)),
  );
  if (spot) return spot.text;
  for (const path of Object.keys(FILES)) {
    const file = observations.file(path);
    if (file.state === "unreadable") return `${path} could not be read: ${file.reason}`;
    if (file.state === "found" && file.value.truncated)
      return `only the first ${file.value.bytes.length} bytes of ${path} were read`;
  }
  return undefined;
}

/** Lines that switch IPv6 off in the eyes of a reader: those that a step rests on, and those in files nothing reads. */
function looksOff({ prediction, observations }: RuleInput): readonly Evidence[] {
  const told = prediction.steps
    .flatMap(({ evidence }) => evidence)
    .filter(({ text }) => text !== undefined && saysOff(text));
  const files = Object.entries(FILES).flatMap(([path, parse]): readonly Evidence[] => {
    const file = observations.file(path);
    if (file.state !== "found") return [];
    return parse(new TextDecoder().decode(file.value.bytes))
      .filter(({ says }) => says === "off")
      .map(({ line, text }) => ({ locator: file.locator, line, text }));
  });
  return uniqueEvidence([...told, ...files]);
}

function saysOff(text: string): boolean {
  return [...sysctlSettings(text), ...modprobeSettings(text)].some(({ says }) => says === "off");
}
