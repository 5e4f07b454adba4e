import type { BootFacts } from "../model/boot.ts";
import type { AppliedWaiver, Control, Finding, PlaceOutcome, Rule, RuleOption } from "../model/finding.ts";
import type { OsInfo } from "../model/image.ts";
import type { Evidence } from "../model/locator.ts";
import type { BlindSpot, Prediction, Step } from "../model/prediction.ts";
import type { Access, RenderOptions, ScanResult } from "../model/report.ts";
import { padEnd, wrap } from "./columns.ts";
import { osLabel } from "./describe.ts";
import { escapeText } from "./escape.ts";
import { chainOf, evidenceText } from "./evidence.ts";
import { labelled } from "./labelled.ts";
import { columnsOf, type Paint, painter, VERDICT_FORMAT } from "./style.ts";
import { unreadLines } from "./unread.ts";

const LABEL_WIDTH = 14;
const CHAINS_MAX = 8;

interface Layout {
  readonly columns: number;
  readonly paint: Paint;
  readonly labelWidth: number;
}

/** The whole decision on one image: every step in boot order with its lines, and what nobody could see. */
export function renderExplain(result: ScanResult, options: RenderOptions): string {
  const layout = { columns: columnsOf(options), paint: painter(options), labelWidth: LABEL_WIDTH };
  const { prediction, boot } = result;
  return document([
    heading(result, layout),
    ...(prediction === undefined ? [] : [predicted(prediction, result.image.os, layout)]),
    ...(boot === undefined ? [] : [booted(boot, layout)]),
    ...(prediction === undefined ? [] : [story(prediction, layout), blindSpots(prediction, layout)]),
    ...result.findings.flatMap((finding) => [
      judged(finding, layout),
      places(finding, layout),
      toConfirm(finding, layout),
    ]),
    unseen(result, layout),
    reading(result, layout),
  ]);
}

/** What a rule asks, why, and which files it looks at. */
export function renderRule(rule: Rule, options: RenderOptions): string {
  const layout = { columns: columnsOf(options), paint: painter(options), labelWidth: LABEL_WIDTH };
  const { paint, columns } = layout;
  return document([
    [paint("bold", rule.title)],
    wrap(rule.description, columns),
    [
      ...labelled("rule", [rule.id], layout),
      ...labelled("severity", [rule.severity], layout),
      ...labelled(
        "reads",
        rule.wants.map(({ path }) => path),
        layout,
      ),
      ...labelled("options", Object.entries(rule.options ?? {}).map(optionText), layout),
      ...labelled("controls", (rule.controls ?? []).map(controlText), layout),
    ],
  ]);
}

function optionText([name, { description, values }]: readonly [string, RuleOption]): string {
  const [first, ...others] = values.map(String);
  return `${name}: ${description} (${first ?? ""}, or ${others.join(", ")})`;
}

function controlText({ catalogue, id, title }: Control): string {
  return `${catalogue} ${id}: ${title}`;
}

function document(sections: readonly (readonly string[])[]): string {
  const shown = sections.filter((lines) => lines.length > 0);
  return `${shown.map((lines) => lines.map((line) => line.trimEnd()).join("\n")).join("\n\n")}\n`;
}

function heading({ image, verdict, reason, policy }: ScanResult, layout: Layout): readonly string[] {
  const { paint } = layout;
  const name = image.name === image.id ? [] : [escapeText(image.name)];
  return [
    ...wrap(escapeText(image.id), layout.columns).map((line) => paint("bold", line)),
    ...wrapPainted(`${verdict}: ${escapeText(reason)}`, verdict, layout, 0),
    ...labelled("name", name, layout),
    ...labelled("system", [`${escapeText(image.os.name)} (${image.os.type}, ${osLabel(image.os)})`], layout),
    // What could not be read was judged by none.
    ...labelled("policy", policy === "" ? [] : [escapeText(policy)], layout),
  ];
}

/** Wraps text that starts with a verdict and paints that verdict. */
function wrapPainted(
  text: string,
  verdict: ScanResult["verdict"],
  { columns, paint }: Layout,
  indent: number,
): readonly string[] {
  return wrap(text, columns - indent).map(
    (line, i) =>
      " ".repeat(indent) +
      (i === 0 ? paint(VERDICT_FORMAT[verdict], verdict) + line.slice(verdict.length) : line),
  );
}

function predicted(prediction: Prediction, os: OsInfo, layout: Layout): readonly string[] {
  const { all, default: preset, lo, nic, ...named } = prediction.disableIpv6;
  const switches =
    os.type === "windows" // which has none
      ? []
      : [["all", all], ["default", preset], ["lo", lo], ["nic", nic], ...Object.entries(named)];
  const { kind, filtersIpv6 } = prediction.firewall;
  const filters = { true: "filters IPv6", false: "does not filter IPv6", unknown: "filters IPv6: unknown" };
  const firewall = kind === "none" ? "none" : `${kind}, ${filters[`${filtersIpv6}`]}`;
  return [
    layout.paint("bold", `IPv6 after the first boot: ${prediction.state}`),
    ...labelled("why", [escapeText(prediction.reason)], layout),
    ...labelled("confidence", [prediction.confidence], layout),
    ...labelled("stack", [prediction.stack], layout),
    ...labelled(
      "disable_ipv6",
      switches.length === 0
        ? []
        : [switches.map(([name, value]) => `${escapeText(`${name}`)}=${value}`).join(", ")],
      layout,
    ),
    ...labelled("addressing", [prediction.addressing], layout),
    ...labelled("firewall", [firewall], layout),
  ];
}

function booted(boot: BootFacts, layout: Layout): readonly string[] {
  const some = (text: string | undefined): readonly string[] =>
    text === undefined ? [] : [escapeText(text)];
  return [
    layout.paint("bold", "What boots"),
    ...labelled("loader", some(boot.loader), layout),
    ...labelled("entry", some(boot.entry), layout),
    ...labelled("kernel", [escapeText(boot.kernelPath ?? boot.kernelVersion ?? "unknown")], layout),
    ...labelled(
      "command line",
      [escapeText(boot.cmdline ?? `unknown: ${boot.cmdlineUnknown ?? ""}`)],
      layout,
    ),
    ...labelled("from", boot.cmdlineEvidence.map(placesOnly), layout),
    ...labelled("interface", boot.nicNames.length > 0 ? [escapeText(boot.nicNames.join(", "))] : [], layout),
    ...labelled("note", boot.notes.map(escapeText), layout),
  ];
}

/** The command line is shown already: only where it stands. */
function placesOnly({ locator, line }: Evidence): string {
  return evidenceText({ locator, ...(line === undefined ? {} : { line }) });
}

/** Steps grouped by layer, in boot order; the deciding ones are marked. */
function story({ steps, deciding }: Prediction, layout: Layout): readonly string[] {
  const { paint } = layout;
  const lines: string[] = [];
  let layer: string | undefined;
  for (const step of steps) {
    if (step.layer !== layer) lines.push(`  ${paint("bold", escapeText(step.layer))}`);
    layer = step.layer;
    lines.push(...told(step, step.decides === true || deciding.includes(step), layout));
  }
  return lines.length === 0 ? [] : [paint("bold", "Step by step, in boot order"), ...lines];
}

function told(step: Step, decides: boolean, { columns, paint }: Layout): readonly string[] {
  const text = escapeText(step.text) + (decides ? " (decides)" : "");
  const mark = decides ? "> " : "- ";
  const lines = wrap(text, columns - 6).map((line, i) => {
    const start = `    ${i === 0 ? mark : "  "}`;
    return decides ? paint("yellow", start + line) : start + line;
  });
  return [...lines, ...evidenceBelow(step.evidence, 8, { columns, paint })];
}

function evidenceBelow(
  evidence: readonly Evidence[],
  indent: number,
  { columns, paint }: Pick<Layout, "columns" | "paint">,
): readonly string[] {
  return evidence.flatMap((one) =>
    wrap(evidenceText(one), columns - indent - 2).map(
      (line, i) => `${" ".repeat(i === 0 ? indent : indent + 2)}${paint("dim", line)}`,
    ),
  );
}

function blindSpots({ blindSpots: spots }: Prediction, layout: Layout): readonly string[] {
  if (spots.length === 0) return [];
  const decisiveFirst = [
    ...spots.filter(({ decisive }) => decisive),
    ...spots.filter(({ decisive }) => !decisive),
  ];
  return [
    layout.paint("bold", "What cannot be followed from the disk alone"),
    ...decisiveFirst.flatMap((spot) => spotLines(spot, layout)),
  ];
}

function spotLines({ layer, text, decisive, evidence }: BlindSpot, layout: Layout): readonly string[] {
  const { columns } = layout;
  const whole = `${escapeText(`${layer}: ${text}`)}${decisive ? " (can turn the answer around)" : ""}`;
  return [
    ...wrap(whole, columns - 4).map((line, i) => `  ${i === 0 ? "- " : "  "}${line}`),
    ...evidenceBelow(evidence, 6, layout),
  ];
}

const PLACE_FORMAT: Readonly<Record<PlaceOutcome, Parameters<Paint>[0]>> = {
  compliant: "green",
  violating: "red",
  absent: "dim",
  "no-effect": "yellow",
  unreadable: "magenta",
};

function judged(finding: Finding, layout: Layout): readonly string[] {
  const { title, outcome, rule, severity, section, message, remedy, controls, waiver } = finding;
  const waived = waiver?.state === "applies" ? ", waived" : "";
  return [
    layout.paint("bold", `${escapeText(title)}: ${outcome}${waived}`),
    ...labelled("rule", [`${escapeText(rule)} (${severity}, ${escapeText(section)})`], layout),
    ...labelled("message", [escapeText(message)], layout),
    ...labelled("fix", remedy === "" ? [] : [escapeText(remedy)], layout),
    ...labelled("waiver", waiver === undefined ? [] : [waiverText(waiver)], layout),
    ...labelled("controls", (controls ?? []).map(controlText), layout),
  ];
}

function waiverText({ id, state, reason, approvedBy, expires }: AppliedWaiver): string {
  const until = state === "applies" ? `until ${expires}` : `expired on ${expires}`;
  return escapeText(`${id} (${approvedBy}), ${until}: ${reason}`);
}

function places({ checks }: Finding, layout: Layout): readonly string[] {
  if (checks.length === 0) return [];
  const { columns, paint } = layout;
  const indent = Math.max(...Object.keys(PLACE_FORMAT).map((name) => name.length)) + 4;
  const rows = checks.flatMap(({ place, outcome, message, evidence }) => [
    `  ${paint(PLACE_FORMAT[outcome], padEnd(outcome, indent - 2))}${escapeText(place)}`,
    ...wrap(escapeText(message), columns - indent).map((line) => " ".repeat(indent) + line),
    ...evidenceBelow(
      evidence.filter(({ text }) => text !== undefined),
      indent,
      layout,
    ),
  ]);
  return [paint("bold", "The places this rule names"), ...rows];
}

/** What a reviewer runs on an instance, and what it should print. */
function toConfirm({ checklist = [] }: Finding, layout: Layout): readonly string[] {
  if (checklist.length === 0) return [];
  const { columns, paint } = layout;
  const below = (text: string): readonly string[] => wrap(text, columns - 6).map((line) => `      ${line}`);
  return [
    paint("bold", "To confirm on a running instance"),
    ...checklist.flatMap(({ confirm, command, expected }) => [
      ...wrap(escapeText(confirm), columns - 4).map((line, i) => `  ${i === 0 ? "- " : "  "}${line}`),
      ...below(escapeText(`run: ${command}`)),
      ...below(escapeText(`expect: ${expected}`)),
    ]),
  ];
}

function unseen(result: ScanResult, layout: Layout): readonly string[] {
  const unread = unreadLines(result);
  if (unread.length === 0) return [];
  return [
    layout.paint("bold", "What was not read"),
    ...unread.flatMap((one) =>
      wrap(escapeText(one), layout.columns - 4).map((line, i) => `  ${i === 0 ? "- " : "  "}${line}`),
    ),
  ];
}

function reading(result: ScanResult, layout: Layout): readonly string[] {
  const { reads, bytes, rounds, requests } = result.cost;
  const all = [
    ...(result.boot?.cmdlineEvidence ?? []),
    ...(result.prediction?.steps ?? []).flatMap(({ evidence }) => evidence),
    ...result.findings.flatMap(({ evidence }) => evidence),
  ];
  const chains = [...new Set(all.map(({ locator }) => chainOf(locator)))].filter((chain) => chain !== "");
  return [
    layout.paint("bold", "How it was read"),
    ...labelled("from", chains.slice(0, CHAINS_MAX).map(escapeText), layout),
    ...labelled(
      "cost",
      [
        `${count(reads, "read")}, ${bytesText(bytes)}, ${count(rounds, "round")}` +
          (requests === undefined ? "" : `, ${count(requests, "request")}`),
      ],
      layout,
    ),
    ...(result.access ? labelled("reached", [reached(result.access)], layout) : []),
    ...labelled("note", result.notes.map(escapeText), layout),
  ];
}

function reached({ rung, booted, created, costUsd, checksums }: Access): string {
  return [
    `by ${rung}`,
    ...(booted ? ["the image was started: what it holds may differ from what is shipped"] : []),
    ...(created.length > 0 ? [`made ${created.map(escapeText).join(", ")}`] : []),
    ...(checksums === "verified" ? ["every block's checksum was verified"] : []),
    ...(costUsd === undefined ? [] : [`about ${costUsd.toFixed(4)} USD`]),
  ].join("; ");
}

function count(n: number, unit: string): string {
  return `${n} ${unit}${n === 1 ? "" : "s"}`;
}

function bytesText(bytes: number): string {
  if (bytes < 1024) return count(bytes, "byte");
  return bytes < 1 << 20 ? `${Math.round(bytes / 1024)} KiB` : `${(bytes / (1 << 20)).toFixed(1)} MiB`;
}
