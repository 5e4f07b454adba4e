/** SARIF 2.1.0 (OASIS, errata 01), as GitHub code scanning reads it ("SARIF support for code scanning"). */
import { createHash } from "node:crypto";
import type { Finding, Severity } from "../../model/finding.ts";
import type { Evidence } from "../../model/locator.ts";
import type { Report, ScanResult, TextReporter } from "../../model/report.ts";
import { keyEvidence } from "../describe.ts";
import { escapeJson } from "../escape.ts";
import { chainOf, pathOf } from "../evidence.ts";
import { isOpen, isWaived, rulesOfResults } from "../open.ts";
import { plain } from "../shorten.ts";
import { acceptedInReview, type VerdictRule, verdictFinding } from "../verdict-finding.ts";
import { mostUrgent, type Ranked, withinLimits } from "./limits.ts";

const SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
const HOME = "https://github.com/sixray/sixray";
const EVIDENCE_MAX = 8;
/** Of what is found beside the rules: each of them in every run, so that one that is gone is closed. */
const VERDICT_RULES: Readonly<
  Record<VerdictRule, { readonly short: string; readonly full: string; readonly help: string }>
> = {
  "image-unreadable": {
    short: "The image could not be read.",
    full: "Nothing is known of an image that could not be read: it is not a pass.",
    help: "Run sixray inspect on the image: it tells which part could not be read, and why.",
  },
  "image-for-review": {
    short: "A person must judge the image.",
    full: "No rule found anything, but sixray cannot vouch for the image: it is not a pass.",
    help: "Run sixray explain on the image, decide, and record it with sixray review sign.",
  },
  "image-rejected": {
    short: "A reviewer rejected the image.",
    full: "A person looked at the evidence and decided that the image is not to be used.",
    help: "Use another version of the image; the reviewer's note says why this one was rejected.",
  },
};

/** GitHub's: critical from 9, high from 7, medium from 4. */
const SECURITY_SEVERITY: Readonly<Record<Severity, string>> = {
  high: "8.0",
  medium: "5.0",
  low: "3.0",
  info: "1.0",
};
const LEVEL = { high: "error", medium: "warning", low: "note", info: "note" } as const;

/** Every open finding each time, so that one that is gone is closed; waived ones as suppressed. */
export const sarif: TextReporter = {
  id: "sarif",
  mediaType: "application/sarif+json",
  fileExtension: ".sarif",
  render: (report) => {
    const rules = rulesOf(report.results);
    const ruleIndex = new Map(rules.map(({ id }, at) => [id, at]));
    const seen = new Map<string, number>();
    const all = report.results.flatMap((result) => resultsOf(result, ruleIndex, seen));
    return withinLimits(all, (kept, leftOut) => {
      const text = JSON.stringify(document(report, rules, kept, leftOut), null, 1);
      return `${escapeJson(text)}\n`;
    });
  },
};

type Rule = ReturnType<typeof ruleOf>;

function rulesOf(results: readonly ScanResult[]): readonly Rule[] {
  return [
    ...rulesOfResults(results).map(ruleOf),
    ...Object.entries(VERDICT_RULES).map(([id, { short, full, help }]) => ({
      id,
      name: nameOf(id),
      shortDescription: { text: short },
      fullDescription: { text: full },
      help: { text: help },
      helpUri: HOME,
      defaultConfiguration: { level: "error" },
      properties: { "security-severity": "8.0", tags: ["ipv6"], precision: "very-high" },
    })),
  ];
}

function document(
  { engine, results }: Report,
  rules: readonly Rule[],
  kept: readonly Result[],
  leftOut: number,
): object {
  const [name = "sixray", version = "0.0.0"] = engine.split(" ");
  const unread = results.filter(({ verdict, unread: parts }) => verdict === "unreadable" || parts.length > 0);
  const incomplete = results.some(({ verdict }) => verdict === "unreadable");
  const notifications = unread.flatMap(notificationsOf);
  const urgent = mostUrgent(notifications);
  return {
    $schema: SCHEMA,
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name, version, semanticVersion: version, informationUri: HOME, rules } },
        automationDetails: { id: "sixray/" },
        columnKind: "utf16CodeUnits",
        originalUriBaseIds: { "%SRCROOT%": { description: { text: "The root of the repository." } } },
        invocations: [
          {
            executionSuccessful: !incomplete,
            toolExecutionNotifications: [
              ...leftOutOf(leftOut, "results"),
              ...leftOutOf(notifications.length - urgent.length, "notifications"),
              ...urgent,
            ],
          },
        ],
        results: kept,
      },
    ],
  };
}

/** Nothing is left out without a word; the JSON report has all. */
function leftOutOf(count: number, what: string): readonly Notification[] {
  if (count === 0) return [];
  const text = `${count} ${what} are left out, the least severe ones: GitHub takes no more in one file. The JSON report has all of them.`;
  return [{ level: "warning", message: { text } }];
}

interface Notification {
  readonly level: "error" | "warning";
  readonly message: { readonly text: string };
  readonly locations?: readonly object[];
}

function ruleOf({ rule, title, severity, controls = [], remedy }: Finding): {
  readonly id: string;
  readonly [key: string]: unknown;
} {
  const text = `${plain(title)}.`;
  const tags = ["ipv6", ...controls.map(({ catalogue, id }) => plain(`${catalogue} ${id}`, 100))].slice(
    0,
    20,
  );
  return {
    id: rule,
    name: nameOf(rule),
    shortDescription: { text },
    fullDescription: { text },
    help: { text: message(remedy === "" ? `sixray explain ${rule} tells what it asks and why.` : remedy) },
    helpUri: `${HOME}/tree/main/src/policy/rules/${encodeURIComponent(rule.toWellFormed())}`,
    defaultConfiguration: { level: LEVEL[severity] },
    properties: { "security-severity": SECURITY_SEVERITY[severity], tags, precision: "very-high" },
  };
}

function nameOf(rule: string): string {
  return rule.replace(/(?:^|-)([a-z0-9])/g, (_, first: string) => first.toUpperCase());
}

function notificationsOf({ image, verdict, reason, unread }: ScanResult): readonly Notification[] {
  const level = verdict === "unreadable" ? "error" : "warning";
  const parts = unread.length > 0 ? unread : [{ what: "image", reason }];
  return parts.map(({ what, reason: why }) => ({
    level,
    message: { text: message(`${image.id}: ${what} was not read: ${why}`) },
    locations: [{ physicalLocation: { artifactLocation: artifactOf(image) } }],
  }));
}

function resultsOf(
  result: ScanResult,
  ruleIndex: ReadonlyMap<string, number>,
  seen: Map<string, number>,
): readonly Result[] {
  const reported = result.findings.filter((one) => isOpen(one) || isWaived(one));
  const shared = { result, ruleIndex, seen };
  const found = reported.map((finding) => {
    const kind = finding.outcome === "fail" ? "fail" : finding.outcome === "review" ? "review" : "open";
    return resultOf(shared, {
      rule: finding.rule,
      // SARIF 3.27.10: only what fails has a level.
      kind,
      level: kind === "fail" ? LEVEL[finding.severity] : "none",
      text: `${result.image.id}: ${finding.message}`,
      evidence: finding.evidence,
      ...suppressedBy(finding, result),
    });
  });
  const verdict = verdictFinding(result);
  if (!verdict) return found;
  const text = `${result.image.id}: ${result.reason}`;
  const kind = verdict.outcome === "review" ? "review" : "fail";
  const level = kind === "fail" ? "error" : "none";
  const evidence = keyEvidence(result);
  return [...found, resultOf(shared, { rule: verdict.rule, kind, level, text, evidence })];
}

/** A waiver, or a review of the whole image, that answers a finding. */
function suppressedBy(finding: Finding, result: ScanResult): { readonly suppressions?: readonly object[] } {
  const { waiver } = finding;
  const justification =
    isWaived(finding) && waiver
      ? `${waiver.id}: ${waiver.reason} (${waiver.approvedBy}, until ${waiver.expires})`
      : acceptedInReview(result)
        ? result.reason
        : undefined;
  if (justification === undefined) return {};
  return { suppressions: [{ kind: "external", status: "accepted", justification: plain(justification) }] };
}

interface Result extends Ranked {
  readonly [key: string]: unknown;
}

interface Told {
  readonly rule: string;
  readonly kind: "fail" | "review" | "open";
  readonly level: string;
  readonly text: string;
  readonly evidence: readonly Evidence[];
  readonly suppressions?: readonly object[];
}

function resultOf(
  shared: {
    readonly result: ScanResult;
    readonly ruleIndex: ReadonlyMap<string, number>;
    readonly seen: Map<string, number>;
  },
  { rule, kind, level, text, evidence, suppressions }: Told,
): Result {
  const { image, verdict } = shared.result;
  const hash = createHash("sha256")
    .update(JSON.stringify([rule, image.provider, image.family]))
    .digest("hex")
    .slice(0, 32);
  // A family stands in a run with several images: the first keeps the hash of the one before it.
  const count = (shared.seen.get(hash) ?? 0) + 1;
  shared.seen.set(hash, count);
  return {
    ruleId: rule,
    ruleIndex: shared.ruleIndex.get(rule) ?? -1,
    kind,
    level,
    message: { text: message(text) },
    locations: [
      {
        physicalLocation: {
          artifactLocation: artifactOf(image),
          region: { startLine: 1, startColumn: 1, endLine: 1, endColumn: 1 },
        },
        logicalLocations: logicalLocations(image, evidence),
      },
    ],
    partialFingerprints: { primaryLocationLineHash: `${hash}:${count}` },
    ...(suppressions ? { suppressions } : {}),
    properties: {
      verdict,
      image: plain(image.id),
      family: plain(image.family),
      provider: plain(image.provider),
    },
  };
}

/** Images lie in no repository; code scanning wants a path in it: the family's, which stays when versions come and go. */
function artifactOf({ provider, family }: ScanResult["image"]): object {
  const part = (text: string): string => {
    const encoded = encodeURIComponent(plain(text, 200)).replace(/^\.+$/, (dots) =>
      "%2E".repeat(dots.length),
    );
    return encoded === "" ? "_" : encoded;
  };
  return { uri: `images/${part(provider)}/${part(family)}`, uriBaseId: "%SRCROOT%" };
}

function logicalLocations(image: ScanResult["image"], evidence: readonly Evidence[]): readonly object[] {
  const lines = evidence.slice(0, EVIDENCE_MAX).map(({ locator, line, text }) => ({
    name: plain(`${pathOf(locator)}${line === undefined ? "" : `:${line}`}`, 300),
    fullyQualifiedName: plain(
      `${chainOf(locator)} > ${pathOf(locator)}${line === undefined ? "" : ` > line ${line}`}`,
      500,
    ),
    kind: "resource",
    ...(text === undefined ? {} : { properties: { text: plain(text, 300) } }),
  }));
  return lines.length > 0
    ? lines
    : [{ name: plain(image.name, 300), fullyQualifiedName: plain(image.id, 500), kind: "resource" }];
}

/** Plain text of a message: brackets would make a link of it (SARIF 3.11.6), braces a placeholder (3.11.5). */
function message(text: string): string {
  return plain(text)
    .replace(/[\\[\]]/g, "\\$&")
    .replace(/[{}]/g, "$&$&");
}
