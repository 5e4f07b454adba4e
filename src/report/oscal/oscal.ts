/** OSCAL assessment results 1.2 (NIST, "Assessment Results Model"). */
import type { Finding } from "../../model/finding.ts";
import type { Report, ScanResult, TextReporter } from "../../model/report.ts";
import { escapeJson } from "../escape.ts";
import { evidenceText } from "../evidence.ts";
import { isOpen, isWaived } from "../open.ts";
import { plain } from "../shorten.ts";
import { tallyLine } from "../tally.ts";
import { uuid } from "../uuid.ts";
import { acceptedInReview, verdictFinding } from "../verdict-finding.ts";

const NAMESPACE = "https://github.com/sixray/sixray/ns/oscal";
const EVIDENCE_MAX = 20;
const EPOCH = "1970-01-01T00:00:00Z";

export const oscal: TextReporter = {
  id: "oscal",
  mediaType: "application/oscal.ar+json",
  fileExtension: ".oscal.json",
  render: (report) => `${escapeJson(JSON.stringify({ "assessment-results": document(report) }, null, 1))}\n`,
};

interface Run {
  readonly key: string;
  readonly time: string;
}

function document(report: Report): object {
  const { engine, day, generatedAt, policies = [], results } = report;
  const time = generatedAt ?? (day === undefined ? EPOCH : `${day}T00:00:00Z`);
  const images = results.map(({ image, verdict }) => [image.provider, image.id, verdict]);
  const run: Run = { key: uuid("run", JSON.stringify([engine, time, policies, images])), time };
  const version = engine.split(" ").at(1) ?? "0";
  return {
    uuid: uuid("document", run.key),
    metadata: {
      title: "IPv6 of cloud base images",
      "last-modified": time,
      version: word(version),
      "oscal-version": "1.2.1",
      props: [
        prop("tool", engine),
        ...policies.map(({ id, digest }) => ({ ...prop("policy", id), remarks: line(digest) })),
      ],
    },
    "import-ap": {
      href: "#",
      remarks: "Judged without an assessment plan: the policies named in the properties say what was asked.",
    },
    results: [result(report, run)],
  };
}

function result(report: Report, run: Run): object {
  const { results } = report;
  const items = results.map((one, at) => inventoryItem(one, at, run));
  const observations = results.flatMap((one, at) => observationsOf(one, at, run));
  const findings = results.flatMap((one, at) => findingsOf(one, at, run));
  const controls = [...new Set(results.flatMap(({ findings: of }) => of.map(controlOf)))].toSorted();
  return {
    uuid: uuid("result", run.key),
    title: "Predicted state of IPv6 after the first boot",
    description: line(tallyLine(report)),
    start: run.time,
    end: run.time,
    ...(items.length > 0 ? { "local-definitions": { "inventory-items": items } } : {}),
    "reviewed-controls": {
      "control-selections": [
        controls.length > 0
          ? { "include-controls": controls.map((id) => ({ "control-id": id })) }
          : { description: "No image could be judged.", "include-all": {} },
      ],
    },
    ...(observations.length > 0 ? { observations } : {}),
    ...(findings.length > 0 ? { findings } : {}),
  };
}

function inventoryItem({ image, verdict, prediction, reason }: ScanResult, at: number, run: Run): object {
  return {
    uuid: itemId(at, run),
    description: line(`${image.provider}: ${image.id}`),
    props: [
      prop("verdict", verdict),
      prop("ipv6", prediction?.state ?? "unknown"),
      prop("provider", image.provider),
      prop("family", image.family),
      prop("name", image.name),
      prop("operating-system", image.os.name),
      ...(image.digest === undefined ? [] : [prop("declared-digest", image.digest)]),
    ],
    remarks: line(reason),
  };
}

function observationsOf(
  { image, findings, unread, verdict, reason }: ScanResult,
  at: number,
  run: Run,
): readonly object[] {
  const subjects = [{ "subject-uuid": itemId(at, run), type: "inventory-item", title: line(image.name) }];
  const judged = findings.map((finding, number) => ({
    uuid: observationId(at, number, run),
    title: line(finding.title),
    description: line(finding.message),
    methods: ["EXAMINE"],
    types: ["finding"],
    subjects,
    ...(finding.evidence.length > 0
      ? {
          "relevant-evidence": finding.evidence
            .slice(0, EVIDENCE_MAX)
            .map((one) => ({ description: line(evidenceText(one)) })),
        }
      : {}),
    collected: run.time,
  }));
  const missing = verdict === "unreadable" && unread.length === 0 ? [{ what: "image", reason }] : unread;
  return [
    ...judged,
    ...missing.map(({ what, reason: why }, number) => ({
      uuid: unreadId(at, number, run),
      title: "Not read",
      description: line(`${what} was not read: ${why}`),
      methods: ["EXAMINE"],
      types: ["discovery"],
      subjects,
      collected: run.time,
    })),
  ];
}

function findingsOf(result: ScanResult, at: number, run: Run): readonly object[] {
  const { image, findings, unread } = result;
  const judged = findings.flatMap((finding, number) => {
    if (finding.outcome === "not-applicable") return [];
    const isMet = !isOpen(finding) && !isWaived(finding);
    return {
      uuid: uuid("finding", run.key, String(at), String(number)),
      title: line(`${finding.title}: ${image.name}`),
      description: line(finding.message),
      props: [
        prop("outcome", finding.outcome),
        prop("severity", finding.severity),
        prop("rule", finding.rule),
      ],
      target: {
        type: "objective-id",
        "target-id": controlOf(finding),
        status: {
          state: isMet ? "satisfied" : "not-satisfied",
          reason: isMet ? "pass" : finding.outcome === "fail" ? "fail" : "other",
          ...remarksOn(finding, result),
        },
      },
      "related-observations": [{ "observation-uuid": observationId(at, number, run) }],
      ...(finding.remedy === "" ? {} : { remarks: line(finding.remedy) }),
    };
  });
  const verdict = verdictFinding(result);
  if (!verdict) return judged;
  const observations =
    verdict.rule === "image-unreadable"
      ? Array.from({ length: Math.max(1, unread.length) }, (_, number) => unreadId(at, number, run))
      : findings.map((__, number) => observationId(at, number, run));
  return [
    ...judged,
    {
      uuid: uuid("verdict", run.key, String(at)),
      title: line(`${verdict.title}: ${image.name}`),
      description: line(result.reason),
      props: [prop("outcome", verdict.outcome), prop("severity", "high"), prop("rule", verdict.rule)],
      target: {
        type: "objective-id",
        "target-id": verdict.rule,
        status: { state: "not-satisfied", reason: verdict.outcome === "fail" ? "fail" : "other" },
      },
      ...(observations.length > 0
        ? { "related-observations": observations.map((id) => ({ "observation-uuid": id })) }
        : {}),
    },
  ];
}

/** Who answers for a finding that was not met, or did. */
function remarksOn({ waiver, outcome }: Finding, result: ScanResult): { readonly remarks?: string } {
  const parts = [
    ...(waiver
      ? [
          `waiver ${waiver.id} ${waiver.state}: ${waiver.reason} (${waiver.approvedBy}, until ${waiver.expires})`,
        ]
      : []),
    ...(outcome !== "pass" && acceptedInReview(result) ? [result.reason] : []),
  ];
  return parts.length > 0 ? { remarks: line(parts.join("; ")) } : {};
}

function observationId(at: number, number: number, { key }: Run): string {
  return uuid("observation", key, String(at), String(number));
}

function unreadId(at: number, number: number, { key }: Run): string {
  return uuid("unread", key, String(at), String(number));
}

function itemId(at: number, { key }: Run): string {
  return uuid("item", key, String(at));
}

/** A control of a catalogue as OSCAL writes it (`sc-7`), or the rule's own id. */
function controlOf({ controls: [control] = [], rule }: Finding): string {
  return token(control?.id.toLowerCase().replace(/\((\d+)\)/g, ".$1") ?? rule);
}

function prop(
  name: string,
  value: string,
): { readonly name: string; readonly ns: string; readonly value: string } {
  return { name, ns: NAMESPACE, value: line(value) };
}

/** A string of OSCAL: one line, no blank at either end, not empty. */
function line(text: string): string {
  const told = plain(text).trim();
  return told === "" ? "-" : told;
}

function word(text: string): string {
  return line(text).replace(/\s+/g, "-");
}

/** OSCAL's TokenDatatype. */
function token(text: string): string {
  const cleaned = text.replace(/[^\p{L}\p{N}._-]/gu, "-");
  return /^[\p{L}_]/u.test(cleaned) ? cleaned : `_${cleaned}`;
}
