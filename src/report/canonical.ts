import type { Finding, PlaceCheck } from "../model/finding.ts";
import type { Evidence } from "../model/locator.ts";
import type { BlindSpot, Prediction, Step } from "../model/prediction.ts";
import type { Access, Report, ScanResult } from "../model/report.ts";

/**
 * The canonical document: the model's own shapes with a fixed order of keys, whatever order they were built in,
 * so that the same run gives the same bytes. `stored/schema.ts` describes it, reads it back and is published in `schema/`.
 */
export function canonicalReport(report: Report): object {
  const { schemaVersion, engine, day, generatedAt, part, policies, results } = report;
  return {
    schemaVersion,
    engine,
    ...defined({ day, generatedAt }),
    ...(part === undefined ? {} : { part: { index: part.index, count: part.count } }),
    ...(policies === undefined
      ? {}
      : { policies: policies.map(({ id, title, digest }) => ({ id, title, digest })) }),
    results: results.map(canonicalResult),
  };
}

export function canonicalResult(result: ScanResult): object {
  const { image, verdict, reason, policy, prediction, findings, unread, notes, boot, cost, access } = result;
  const { os } = image;
  return {
    image: {
      provider: image.provider,
      id: image.id,
      name: image.name,
      family: image.family,
      ...defined({
        date: image.date,
        arch: image.arch,
        sizeBytes: image.sizeBytes,
        digest: image.digest,
        platform: image.platform,
        deprecated: image.deprecated,
        region: image.region,
        account: image.account,
        owner: image.owner,
        traits:
          image.traits &&
          Object.fromEntries(Object.entries(image.traits).toSorted(([a], [b]) => (a < b ? -1 : 1))),
      }),
      os: { id: os.id, version: os.version, type: os.type, name: os.name, like: os.like },
    },
    verdict,
    reason,
    policy,
    ...(prediction === undefined ? {} : { prediction: canonicalPrediction(prediction) }),
    findings: findings.map(canonicalFinding),
    unread: unread.map(({ what, reason: why }) => ({ what, reason: why })),
    notes,
    ...(boot === undefined
      ? {}
      : {
          boot: {
            loader: boot.loader,
            entry: boot.entry,
            kernelPath: boot.kernelPath,
            kernelVersion: boot.kernelVersion,
            cmdline: boot.cmdline,
            cmdlineUnknown: boot.cmdlineUnknown,
            cmdlineEvidence: boot.cmdlineEvidence.map(canonicalEvidence),
            nicNames: boot.nicNames,
            notes: boot.notes,
          },
        }),
    cost: {
      reads: cost.reads,
      bytes: cost.bytes,
      rounds: cost.rounds,
      ...(cost.requests === undefined ? {} : { requests: cost.requests }),
    },
    ...(access === undefined ? {} : { access: canonicalAccess(access) }),
  };
}

function defined(values: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

function canonicalAccess({ rung, booted, created, costUsd, checksums }: Access): object {
  return {
    rung,
    booted,
    created,
    ...(costUsd === undefined ? {} : { costUsd }),
    ...(checksums === undefined ? {} : { checksums }),
  };
}

function canonicalPrediction(prediction: Prediction): object {
  const { all, default: preset, lo, nic, ...named } = prediction.disableIpv6;
  const { kind, filtersIpv6 } = prediction.firewall;
  const byName = Object.entries(named).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return {
    state: prediction.state,
    stack: prediction.stack,
    disableIpv6: { all, default: preset, lo, nic, ...Object.fromEntries(byName) },
    addressing: prediction.addressing,
    firewall: { kind, filtersIpv6 },
    confidence: prediction.confidence,
    reason: prediction.reason,
    blindSpots: prediction.blindSpots.map(canonicalBlindSpot),
    deciding: prediction.deciding.map(canonicalStep),
    steps: prediction.steps.map(canonicalStep),
  };
}

function canonicalStep({ layer, text, evidence, decides }: Step): object {
  return { layer, text, ...(decides === true ? { decides } : {}), evidence: evidence.map(canonicalEvidence) };
}

function canonicalBlindSpot({ layer, text, decisive, evidence }: BlindSpot): object {
  return { layer, text, decisive, evidence: evidence.map(canonicalEvidence) };
}

function canonicalFinding(finding: Finding): object {
  const {
    rule,
    title,
    severity,
    section,
    outcome,
    message,
    remedy,
    checks,
    evidence,
    checklist,
    controls,
    waiver,
  } = finding;
  return {
    rule,
    title,
    severity,
    section,
    outcome,
    message,
    remedy,
    checks: checks.map(canonicalCheck),
    evidence: evidence.map(canonicalEvidence),
    ...(checklist === undefined
      ? {}
      : { checklist: checklist.map(({ confirm, command, expected }) => ({ confirm, command, expected })) }),
    ...(controls === undefined
      ? {}
      : { controls: controls.map(({ catalogue, id, title: name }) => ({ catalogue, id, title: name })) }),
    ...(waiver === undefined
      ? {}
      : {
          waiver: {
            id: waiver.id,
            state: waiver.state,
            reason: waiver.reason,
            approvedBy: waiver.approvedBy,
            expires: waiver.expires,
          },
        }),
  };
}

function canonicalCheck({ place, outcome, message, evidence }: PlaceCheck): object {
  return { place, outcome, message, evidence: evidence.map(canonicalEvidence) };
}

function canonicalEvidence({ locator, line, text }: Evidence): object {
  return { locator, line, text };
}
