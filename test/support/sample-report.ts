import type { Finding } from "../../src/model/finding.ts";
import type { Report, ScanResult } from "../../src/model/report.ts";
import { readReport } from "../../src/report/stored/read.ts";
import {
  fixtures,
  flaggedLooksOff,
  hostileNames,
  passBySysctl,
  reviewWindows,
  unreadableLuks,
} from "../golden/report-fixtures.ts";

/** Reports for the tests of formats: every verdict, several providers and families, hostile content, any number of images. */

/** Everything that some reader of some format obeys. */
export const HOSTILE = {
  html: `<script>alert(1)</script><img src=x onerror=alert(1)>"'&]]>-->`,
  ansi: "\x1b[2J\x1b]0;owned\x07\x9b31m",
  formula: `=cmd|' /C calc'!A0`,
  tabFormula: `\t=HYPERLINK("http://evil.example")`,
  bidi: "\u202egpj.exe\u2066\u2069\u200b",
  markdown: "| `x` | [click](javascript:alert(1)) ![](http://evil.example/x.png) @everyone #1 ::error::x",
  /** A byte that is not UTF-8, as the readers keep it. */
  notUtf8: "caf\udce9",
  controls: "a\0b\rc\nd\u2028e\ufffe\uffff",
} as const;

export const HOSTILE_ALL: string = Object.values(HOSTILE).join(" ");

const provided = {
  aws: { provider: "aws", region: "us-east-1", owner: "amazon", id: "aws:us-east-1/ami-0123456789abcdef0" },
  gcp: { provider: "gcp", owner: "debian-cloud", id: "gcp:debian-cloud/debian-13-trixie-v20261110" },
  azure: {
    provider: "azure",
    region: "eastus",
    id: "azure:eastus/Canonical:ubuntu-24_04-lts:server:24.04.202611100",
  },
} as const;

const waived: ScanResult = {
  ...flaggedLooksOff,
  image: {
    ...flaggedLooksOff.image,
    ...provided.gcp,
    name: "debian-13-trixie-v20261110",
    family: "debian-13",
  },
  verdict: "waived",
  reason: "W-12 waives it until 2027-03-31: dual-stack by design",
  findings: flaggedLooksOff.findings.map(
    (one): Finding => ({
      ...one,
      controls: [{ catalogue: "NIST SP 800-53 Rev. 5", id: "CM-7", title: "Least Functionality" }],
      waiver: {
        id: "W-12",
        state: "applies",
        reason: "dual-stack by design",
        approvedBy: "netops",
        expires: "2027-03-31",
      },
    }),
  ),
};

const all: readonly ScanResult[] = [
  ...Object.values(fixtures).filter((one) => one !== hostileNames),
  {
    ...passBySysctl,
    image: { ...passBySysctl.image, ...provided.aws, name: "al2023-ami-2026.11", family: "al2023-ami" },
    access: {
      rung: "direct",
      booted: false,
      created: ["snapshot snap-0abc (us-east-1)"],
      costUsd: 0.01,
      checksums: "verified",
    },
  },
  waived,
  {
    ...flaggedLooksOff,
    image: {
      ...flaggedLooksOff.image,
      ...provided.azure,
      name: "24.04.202611100",
      family: "ubuntu-24_04-lts",
    },
  },
];

function reportOf(results: readonly ScanResult[]): Report {
  const ids = [...new Set(results.map(({ policy }) => policy))].filter((id) => id !== "").toSorted();
  return {
    schemaVersion: 1,
    engine: "sixray 0.1.0",
    day: "2026-11-24",
    generatedAt: "2026-11-24T09:30:00Z",
    policies: ids.map((id) => ({ id, title: `The policy ${id}`, digest: `sha256:${"0a".repeat(32)}` })),
    results,
  };
}

/** Every verdict, four providers. Always the same. */
export const sampleReport: Report = reportOf(all);

/** Whatever stands in an image or comes from a provider is hostile, in every place that a report shows. */
export function hostileReport(): Report {
  const longLine = `net.ipv6 ${"A".repeat(1 << 20)}`;
  const evidence = [
    { locator: `image > qcow2 > gpt#1 > ext4 > /etc/${HOSTILE_ALL}.conf`, line: 1, text: HOSTILE_ALL },
    { locator: "image > ext4 > /etc/long.conf", line: 2, text: longLine },
  ];
  const one: ScanResult = {
    ...hostileNames,
    image: {
      ...hostileNames.image,
      id: HOSTILE_ALL,
      name: HOSTILE.formula,
      family: HOSTILE.tabFormula,
      region: HOSTILE.html,
      owner: HOSTILE.markdown,
    },
    reason: HOSTILE_ALL,
    findings: hostileNames.findings.map((found) => ({
      ...found,
      outcome: "fail",
      message: HOSTILE_ALL,
      remedy: HOSTILE_ALL,
      evidence,
      checks: found.checks.map((check) => ({ ...check, message: HOSTILE_ALL, evidence })),
    })),
    unread: [{ what: HOSTILE_ALL, reason: HOSTILE_ALL }],
    notes: [HOSTILE_ALL],
  };
  const verdicts = ["flagged", "review", "unreadable", "waived", "pass"] as const;
  return reportOf([
    hostileNames,
    ...verdicts.map((verdict) => ({
      ...one,
      verdict,
      image: { ...one.image, id: `${one.image.id} ${verdict}` },
    })),
  ]);
}

/** The sample with every text in it hostile that a stored report may hold so, whoever wrote it. */
export function hostileEverywhere(): Report {
  const text = `${HOSTILE_ALL} \${x} %{ if true } \ud800 \u{e0041}`;
  const mayBe = new Map<string, boolean>();
  const shapeOf = (path: readonly string[]): string =>
    path.map((step) => step.replace(/^\d+$/, "#")).join(".");
  const replaced = (
    value: unknown,
    path: readonly string[],
    wanted: (path: readonly string[]) => boolean,
  ): unknown => {
    if (typeof value === "string") return wanted(path) ? text : value;
    if (Array.isArray(value)) return value.map((one, at) => replaced(one, [...path, `${at}`], wanted));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, one]) => [key, replaced(one, [...path, key], wanted)]),
    );
  };
  const isReport = (value: unknown): boolean => {
    try {
      readReport(JSON.stringify(value));
      return true;
    } catch {
      return false;
    }
  };
  const all = replaced(sampleReport, [], (path) => {
    const shape = shapeOf(path);
    const known = mayBe.get(shape);
    if (known !== undefined) return known;
    const may = isReport(replaced(sampleReport, [], (other) => shapeOf(other) === shape));
    mayBe.set(shape, may);
    return may;
  });
  return readReport(JSON.stringify(all));
}

/** `count` images of many families, a hundred versions each, in the mix of a real fleet. */
export function manyImages(count: number): Report {
  const kinds = [passBySysctl, passBySysctl, flaggedLooksOff, waived, reviewWindows, unreadableLuks];
  const results = Array.from({ length: count }, (_, at): ScanResult => {
    const kind = kinds[at % kinds.length] ?? passBySysctl;
    const provider = (["aws", "azure", "gcp", "file"] as const)[at % 4] ?? "file";
    const family = `family-${Math.floor(at / 100)}`;
    const name = `${family}-v${String(at).padStart(6, "0")}`;
    return { ...kind, image: { ...kind.image, provider, family, name, id: `${provider}/${name}` } };
  });
  return reportOf(results);
}
