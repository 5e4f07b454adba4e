import type { Evidence } from "../../model/locator.ts";
import type { ScanResult } from "../../model/report.ts";
import { osLabel } from "../describe.ts";
import { pathOf } from "../evidence.ts";

/** What a result says, as single facts and as lists in which order does not matter. Nothing of the image's own name. */
export interface Facts {
  readonly single: ReadonlyMap<string, string>;
  readonly lists: ReadonlyMap<string, ReadonlySet<string>>;
}

export function factsOf(result: ScanResult): Facts {
  const { image, verdict, policy, prediction, boot, findings, unread } = result;
  const single = new Map<string, string>([
    ["verdict", verdict],
    ["reason", result.reason],
    ["policy", policy],
    ["system", osLabel(image.os)],
  ]);
  if (prediction) {
    const { state, stack, disableIpv6, addressing, firewall, confidence } = prediction;
    single.set("IPv6", state).set("stack", stack).set("addressing", addressing);
    single.set("firewall", `${firewall.kind}, filters IPv6: ${String(firewall.filtersIpv6)}`);
    single.set("confidence", confidence);
    for (const [name, value] of Object.entries(disableIpv6))
      single.set(`disable_ipv6 of ${name}`, String(value));
  }
  if (boot?.cmdline !== undefined) single.set("kernel command line", boot.cmdline);
  if (boot?.kernelVersion !== undefined) single.set("kernel", boot.kernelVersion);
  for (const finding of findings) {
    single.set(`rule ${finding.rule}`, finding.outcome);
    if (finding.waiver)
      single.set(`waiver of ${finding.rule}`, `${finding.waiver.id} ${finding.waiver.state}`);
    for (const { place, outcome } of finding.checks) single.set(`${finding.rule}: ${place}`, outcome);
  }
  const told = (
    ones: readonly { readonly layer: string; readonly text: string }[] = [],
  ): ReadonlySet<string> => new Set(ones.map(({ layer, text }) => `${layer}: ${text}`));
  const lines = [
    ...(prediction?.steps ?? []).flatMap(({ evidence }) => evidence),
    ...findings.flatMap(({ evidence, checks }) => [
      ...evidence,
      ...checks.flatMap((check) => check.evidence),
    ]),
  ];
  const lists = new Map<string, ReadonlySet<string>>([
    ["step", told(prediction?.steps)],
    ["blind spot", told(prediction?.blindSpots)],
    ["line", new Set(lines.map(lineOf))],
    ["not read", new Set(unread.map(({ what, reason }) => `${pathOf(what)}: ${reason}`))],
  ]);
  return { single, lists };
}

/** Without its number: lines that only moved have not changed. */
function lineOf({ locator, text }: Evidence): string {
  return text === undefined ? pathOf(locator) : `${pathOf(locator)}: ${text}`;
}
