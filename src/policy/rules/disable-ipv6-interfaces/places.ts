import type { PlaceCheck, PlaceOutcome, RuleInput } from "../../../model/finding.ts";
import type { Evidence } from "../../../model/locator.ts";
import type { Observations } from "../../../model/observations.ts";
import type { Prediction } from "../../../model/prediction.ts";
import { SYSCTL_CONF, SYSCTL_FOLDERS } from "../../../model/sysctl-folders.ts";
import { modprobeSettings, type Setting, sysctlSettings } from "../../settings.ts";

/** The places of the original rule that are files. */
export const FILES: Readonly<Record<"modprobeConf" | "localConf" | "sysctlConf", string>> = {
  modprobeConf: "/etc/modprobe.conf",
  localConf: "/etc/modprobe.d/local.conf",
  sysctlConf: SYSCTL_CONF,
};

const EVIDENCE_MAX = 20;

/** One row for each of the five original places, always all five and in their order. */
export function placeChecks(input: RuleInput): readonly PlaceCheck[] {
  return [
    filePlace(FILES.modprobeConf, input, modprobeSettings, modprobeAnswer),
    filePlace(FILES.localConf, input, modprobeSettings, modprobeAnswer),
    predictedPlace("all", input),
    predictedPlace("default", input),
    filePlace(FILES.sysctlConf, input, sysctlSettings, sysctlAnswer),
  ];
}

type Answer = readonly [outcome: PlaceOutcome, message: string];

interface FoundSettings {
  readonly path: string;
  readonly settings: readonly Setting[];
  /** Those that a step of the prediction rests on. */
  readonly used: readonly Setting[];
}

function filePlace(
  place: string,
  input: RuleInput,
  parse: (text: string) => readonly Setting[],
  answer: (found: FoundSettings, input: RuleInput) => Answer,
): PlaceCheck {
  const { os, prediction, observations } = input;
  if (os.type === "windows")
    return { place, outcome: "absent", message: "Windows has no such file.", evidence: [] };
  const file = observations.file(place);
  const whole: Evidence = { locator: file.locator };
  if (file.state === "absent") {
    return { place, outcome: "absent", message: "There is no such file.", evidence: [whole] };
  }
  if (file.state === "unreadable") {
    return { place, outcome: "unreadable", message: `Could not look: ${file.reason}.`, evidence: [whole] };
  }
  const settings = parse(new TextDecoder().decode(file.value.bytes));
  if (settings.length === 0) {
    return file.value.truncated
      ? {
          place,
          outcome: "unreadable",
          message: `Only the first ${file.value.bytes.length} bytes of the file were read.`,
          evidence: [whole],
        }
      : {
          place,
          outcome: "absent",
          message: "The file is there and says nothing about IPv6.",
          evidence: [whole],
        };
  }
  const used = settings.filter(({ line }) => isCited(prediction, file.locator, line));
  const [outcome, message] = answer({ path: place, settings, used }, input);
  const evidence = settings.slice(0, EVIDENCE_MAX).map(({ line, text }) => ({
    locator: file.locator,
    line,
    text,
  }));
  return { place, outcome, message, evidence };
}

/** True when a step of the prediction rests on that line of the file, or on the file as a whole. */
function isCited(prediction: Prediction, locator: string, line: number): boolean {
  return prediction.steps.some(({ evidence }) =>
    evidence.some((item) => item.locator === locator && (item.line ?? line) === line),
  );
}

function hasNoStack({ stack }: Prediction): boolean {
  return stack === "absent" || stack === "disabled";
}

function modprobeAnswer(
  { path, settings, used }: FoundSettings,
  { prediction }: RuleInput,
): ReturnType<typeof sysctlAnswer> {
  const off = used.find(({ says }) => says === "off");
  if (off !== undefined && hasNoStack(prediction)) {
    return ["compliant", "modprobe obeys it, and the IPv6 stack never comes up."];
  }
  if (off !== undefined && /\bdisable_ipv6=/.test(off.text) && prediction.disableIpv6.default === 1) {
    return ["compliant", "It makes interfaces start with IPv6 off."];
  }
  if (used.length > 0 && prediction.stack === "unknown") {
    return ["unreadable", "It cannot be told whether the kernel that boots asks modprobe for IPv6."];
  }
  const on = used.find(({ says }) => says === "on");
  if (on !== undefined && prediction.stack === "present") {
    return ["violating", "It keeps the IPv6 stack switched on."];
  }
  if (path === FILES.modprobeConf) {
    return ["no-effect", "modprobe does not read this file: only those in modprobe.d count."];
  }
  if (hasNoStack(prediction)) {
    return ["no-effect", "Something else already keeps the IPv6 stack away."];
  }
  return settings.some(({ says }) => says === "off")
    ? ["no-effect", `It turns nothing off: ${whyLoaded(prediction)}.`]
    : ["no-effect", "What it says neither turns IPv6 off nor on."];
}

function whyLoaded(prediction: Prediction): string {
  const builtIn = prediction.steps.some(({ layer, text }) => layer === "kernel" && /built[ -]in/i.test(text));
  return builtIn
    ? "IPv6 is built into the kernel, which never asks modprobe for it"
    : "the IPv6 stack comes up all the same";
}

function sysctlAnswer({ settings, used }: FoundSettings, input: RuleInput): Answer {
  const { prediction, observations } = input;
  const speaking =
    used.findLast(({ scope }) => scope === "all" || scope === "*") ??
    used.findLast(({ scope }) => scope === "default") ??
    used.at(-1);
  const setting = speaking ?? settings.at(-1);
  const key = `disable_ipv6 of "${setting?.scope ?? ""}"`;
  switch (speaking?.says) {
    case "off":
      return ["compliant", `It is read at boot and switches ${key} to 1${overturned(prediction)}.`];
    case "on":
      return ["violating", `It is read at boot and switches ${key} to 0.`];
    case "other":
      return ["no-effect", `It is read at boot, but what it says about ${key} changes nothing.`];
    case undefined:
      return ["no-effect", `It has no effect: ${whyUnused(prediction, observations)}.`];
  }
}

function overturned(prediction: Prediction): string {
  return prediction.disableIpv6.nic === 0
    ? ", yet the interface of the instance is switched back on later"
    : "";
}

function whyUnused(prediction: Prediction, observations: Observations): string {
  if (hasNoStack(prediction)) return "the kernel has no IPv6 stack, so there is no such key";
  switch (linkToSysctlConf(observations)) {
    case "none":
      return "no link in sysctl.d leads to this file, and nothing else at boot reads it";
    case "linked":
      return "a setting that is read later replaces it";
    case "unknown":
      return "nothing at boot reads the file, or a later setting replaces it";
  }
}

/** systemd-sysctl reads the file only through a link such as /etc/sysctl.d/99-sysctl.conf. */
function linkToSysctlConf(observations: Observations): "linked" | "none" | "unknown" {
  const target = observations.realPath(FILES.sysctlConf);
  let isComplete = true;
  for (const directory of SYSCTL_FOLDERS) {
    const names = observations.list(directory);
    if (names.state === "unreadable") isComplete = false;
    if (names.state !== "found") continue;
    for (const { name } of names.value) {
      if (!name.endsWith(".conf")) continue;
      if (target !== undefined && observations.realPath(`${directory}/${name}`) === target) return "linked";
    }
  }
  return isComplete ? "none" : "unknown";
}

function predictedPlace(scope: "all" | "default", { os, prediction }: RuleInput): PlaceCheck {
  const place = `/proc/sys/net/ipv6/conf/${scope}/disable_ipv6`;
  if (os.type === "windows") {
    return { place, outcome: "absent", message: "Windows has no such switch.", evidence: [] };
  }
  const value = prediction.disableIpv6[scope];
  const { nic } = prediction.disableIpv6;
  const evidence = settersOf(scope, prediction);
  switch (value) {
    case 1:
      return {
        place,
        outcome: "compliant",
        message:
          nic === 0
            ? "Predicted to read 1, but that does not decide: the interface of the instance reads 0."
            : "Predicted to read 1.",
        evidence,
      };
    case 0:
      return {
        place,
        outcome: "violating",
        message:
          nic === 1
            ? "Predicted to read 0, but that does not decide: the interface of the instance reads 1."
            : "Predicted to read 0.",
        evidence,
      };
    case "absent":
      return {
        place,
        outcome: "absent",
        message: "Predicted not to exist: the kernel comes up without an IPv6 stack.",
        evidence: prediction.deciding.flatMap((step) => step.evidence),
      };
    case "unknown":
      return { place, outcome: "unreadable", message: "It cannot be told what it will read.", evidence };
  }
}

/** Lines of the prediction's steps that write this switch. */
function settersOf(scope: "all" | "default", { steps }: Prediction): readonly Evidence[] {
  const pattern =
    scope === "all"
      ? /conf[./](?:all|\*)[./]disable_ipv6/
      : /conf[./](?:all|default|\*)[./]disable_ipv6|ipv6\.disable[_-]ipv6=/;
  return steps
    .flatMap(({ evidence }) => evidence)
    .filter(({ text }) => text !== undefined && pattern.test(text))
    .slice(0, EVIDENCE_MAX);
}
