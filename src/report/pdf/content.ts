import { createHash } from "node:crypto";
import type { AppliedWaiver } from "../../model/finding.ts";
import type { Evidence } from "../../model/locator.ts";
import type { Report, ScanResult, Verdict } from "../../model/report.ts";
import { osLabel } from "../describe.ts";
import { chainOf, placeOf } from "../evidence.ts";
import { json } from "../json.ts";
import { tally } from "../tally.ts";
import { acceptedInReview } from "../verdict-finding.ts";
import { printable } from "./printable.ts";

const BY_URGENCY: readonly Verdict[] = ["flagged", "unreadable", "review", "waived", "pass"];
const STEPS_MAX = 9;
const LINES_MAX = 3;
const UNREAD_MAX = 8;
const NOTES_MAX = 5;

/** What the template shows, as data that Typst reads: text stays text and is never markup. */
export function contentOf(report: Report): object {
  const results = report.results.toSorted(
    (a, b) => BY_URGENCY.indexOf(a.verdict) - BY_URGENCY.indexOf(b.verdict),
  );
  const counts = tally(report);
  return {
    engine: printable(report.engine),
    day: report.day ?? "",
    sha256: createHash("sha256")
      .update(json.render(report, { color: false, columns: 80 }))
      .digest("hex"),
    total: results.length,
    tally: BY_URGENCY.map((verdict) => ({ verdict, count: counts[verdict] })),
    providers: providers(results),
    policies: policies(report),
    waivers: waivers(results),
    accepted: results.filter(acceptedInReview).length,
    unread: results.flatMap(({ image, unread }, at) =>
      unread.slice(0, UNREAD_MAX).map(({ what, reason }) => ({
        image: `i${at + 1}`,
        name: printable(image.name, 80),
        what: printable(what, 160),
        reason: printable(reason, 200),
      })),
    ),
    images: results.map(imageOf),
  };
}

function providers(results: readonly ScanResult[]): object[] {
  return [...Map.groupBy(results, ({ image }) => image.provider)]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([provider, group]) => ({
      provider: printable(provider, 60),
      counts: BY_URGENCY.map((verdict) => group.filter((one) => one.verdict === verdict).length),
      total: group.length,
    }));
}

function policies({ policies: named, results }: Report): object[] {
  // What could not be read was judged by none.
  const ids = [...new Set(results.map(({ policy }) => policy))].filter((id) => id !== "").toSorted();
  return ids.map((id) => {
    const known = named?.find((one) => one.id === id);
    return {
      id: printable(id, 100),
      title: printable(known?.title ?? "", 120),
      digest: printable(known?.digest ?? "", 100),
    };
  });
}

function waivers(results: readonly ScanResult[]): object[] {
  const all = results.flatMap(({ findings }) =>
    findings.flatMap(({ waiver }) => (waiver === undefined ? [] : [waiver])),
  );
  return [...Map.groupBy(all, (one) => JSON.stringify([one.id, one.state]))].flatMap(([, group]) =>
    group.slice(0, 1).map((one) => ({ ...waiverOf(one), count: group.length })),
  );
}

function waiverOf({ id, state, reason, approvedBy, expires }: AppliedWaiver): object {
  return {
    id: printable(id, 60),
    state,
    reason: printable(reason, 300),
    approvedBy: printable(approvedBy, 80),
    expires: printable(expires, 20),
  };
}

function imageOf(result: ScanResult, at: number): object {
  const { image, verdict, reason, policy, prediction, findings, unread, notes, boot, cost } = result;
  const steps = (prediction?.steps ?? []).slice(0, STEPS_MAX);
  const allSteps = prediction?.steps.length ?? 0;
  return {
    label: `i${at + 1}`,
    name: printable(image.name, 120),
    id: image.id === image.name ? "" : printable(image.id, 240),
    provider: printable(image.provider, 60),
    family: printable(image.family, 100),
    os: printable(osLabel(image.os), 60),
    policy: printable(policy, 80),
    verdict,
    reason: printable(reason, 500),
    state: prediction?.state ?? "not predicted",
    confidence: prediction?.confidence ?? "",
    facts: prediction === undefined ? [] : factsOf(prediction, image.os.type === "windows"),
    cmdline:
      boot === undefined ? "" : printable(boot.cmdline ?? `unknown: ${boot.cmdlineUnknown ?? ""}`, 240),
    steps: steps.map(({ layer, text, evidence, decides }) => ({
      layer: printable(layer, 40),
      text: printable(text, 300),
      decides: decides === true,
      lines: evidence.slice(0, LINES_MAX).map(lineOf),
    })),
    moreSteps: allSteps - steps.length,
    blindSpots: (prediction?.blindSpots ?? []).slice(0, NOTES_MAX).map(({ layer, text, decisive }) => ({
      layer: printable(layer, 40),
      text: printable(text, 240),
      decisive,
    })),
    findings: findings.map(({ title, outcome, message, remedy, checks, waiver }) => ({
      title: printable(title, 120),
      outcome,
      message: message === reason ? "" : printable(message, 300),
      remedy: printable(remedy, 420),
      waiver: waiver === undefined ? "" : printable(`${waiver.id}, ${waiver.state}, ${waiver.expires}`, 120),
      checks: checks.map((check) => ({
        place: printable(check.place, 120),
        outcome: check.outcome,
        message: printable(check.message, 200),
      })),
    })),
    unread: unread.slice(0, UNREAD_MAX).map(({ what, reason: why }) => printable(`${what}: ${why}`, 240)),
    moreUnread: Math.max(0, unread.length - UNREAD_MAX),
    notes: notes.slice(0, NOTES_MAX).map((note) => printable(note, 200)),
    read: `${Math.ceil(cost.bytes / 1024)} KiB in ${cost.reads} reads`,
    from: chainsOf(result),
  };
}

function factsOf(
  { stack, addressing, firewall, disableIpv6 }: NonNullable<ScanResult["prediction"]>,
  isWindows: boolean,
): string[] {
  const { all, default: preset, lo, nic } = disableIpv6;
  return [
    `stack ${stack}`,
    `addresses ${addressing}`,
    `firewall ${firewall.kind}`,
    // Windows has no such switches.
    ...(isWindows ? [] : [`disable_ipv6: all=${all} default=${preset} lo=${lo} nic=${nic}`]),
  ];
}

function lineOf(evidence: Evidence): string {
  const text = evidence.text === undefined ? "" : `  ${evidence.text}`;
  return printable(`${placeOf(evidence)}${text}`, 260);
}

function chainsOf({ prediction, findings }: ScanResult): string {
  const all = [
    ...(prediction?.steps ?? []).flatMap(({ evidence }) => evidence),
    ...findings.flatMap(({ evidence }) => evidence),
  ];
  const chains = [...new Set(all.map(({ locator }) => chainOf(locator)))].filter((chain) => chain !== "");
  return printable(chains.slice(0, 3).join("; "), 300);
}
