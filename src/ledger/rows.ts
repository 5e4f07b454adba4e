import type { Insertable, Selectable } from "kysely";
import type { ImageRef } from "../model/image.ts";
import type { ScanResult, Verdict } from "../model/report.ts";
import { imageRef } from "../model/stored.ts";
import { storedResult } from "../model/stored-result.ts";
import { imageKey } from "./content.ts";
import type { Entry, KnownScan, Run, ScanKey } from "./ledger.ts";
import type {
  ImageTable,
  RunImageTable,
  RunTable,
  ScanTable,
  VersionTable,
  WaiverUsedTable,
} from "./tables.ts";
import { storable } from "./text.ts";

const VERDICTS: readonly Verdict[] = ["pass", "flagged", "review", "unreadable", "waived"];

export function imageRow({ image }: Entry, now: string): Insertable<ImageTable> {
  return {
    image: imageKey(image),
    provider: image.provider,
    id: storable(image.id),
    family: storable(image.family),
    arch: storable(image.arch ?? ""),
    first_seen: now,
    last_seen: now,
  };
}

export function versionRow(image: ImageRef, content: string, now: string): Insertable<VersionTable> {
  return {
    content,
    image: imageKey(image),
    provider: image.provider,
    family: storable(image.family),
    arch: storable(image.arch ?? ""),
    name: storable(image.name),
    date: storable(image.date ?? ""),
    ref: JSON.stringify(image),
    first_seen: now,
  };
}

export function scanRow(
  entry: Extract<Entry, { outcome: "scanned" }>,
  run: { readonly id: string } & ScanKey,
  now: string,
): Insertable<ScanTable> {
  const { content, result, evidence } = entry;
  return {
    content,
    policy_digest: run.policyDigest,
    engine: run.engine,
    verdict: result.verdict,
    state: result.prediction?.state ?? "",
    os: storable(result.image.os.id),
    reason: storable(result.reason),
    evidence,
    // JSON escapes NUL and lone surrogates: nothing is lost here.
    result: JSON.stringify(result),
    bytes: result.cost.bytes,
    run: run.id,
    at: now,
    again: result.unread.some(({ again }) => again === true),
  };
}

export function runImageRow(entry: Entry, run: string): Insertable<RunImageTable> {
  return {
    run,
    image: imageKey(entry.image),
    content: entry.content ?? "",
    outcome: entry.outcome,
    verdict: entry.verdict,
    reason: storable(entry.reason),
    evidence: entry.outcome === "failed" ? "" : entry.evidence,
  };
}

export function waiverRows(entry: Entry, run: string): readonly Insertable<WaiverUsedTable>[] {
  return (entry.waivers ?? []).map(({ rule, waiver, state, reason, approvedBy, expires }) => ({
    run,
    content: entry.content ?? "",
    rule,
    waiver,
    state,
    reason: storable(reason),
    approved_by: storable(approvedBy),
    expires,
  }));
}

export function knownOf(
  row: Pick<Selectable<ScanTable>, "content" | "verdict" | "state" | "os" | "reason" | "evidence" | "again">,
): KnownScan {
  const { content, state, os, reason, evidence, again } = row;
  return { content, verdict: verdictOf(row.verdict), state, os, reason, evidence, again };
}

export function runOf(row: Selectable<RunTable> & { readonly document: string | null }): Run {
  return {
    id: row.id,
    startedAt: row.started_at,
    finishedAt: row.finished_at ?? undefined,
    engine: row.engine,
    policyDigest: row.policy_digest,
    policy: row.policy,
    policyDocument: row.document ?? "",
    source: row.source,
    host: row.host,
    shard: row.shard,
    enumerated: row.enumerated,
    scanned: row.scanned,
    known: row.known,
    failed: row.failed,
    exitCode: row.exit_code ?? undefined,
  };
}

/** A word that is none of ours, from an edited ledger, is never a pass. */
export function verdictOf(text: string): Verdict {
  return VERDICTS.find((one) => one === text) ?? "unreadable";
}

/** Undefined for text that is not what this or an older sixray wrote. */
export function resultOf(text: string): ScanResult | undefined {
  return storedResult.safeParse(parsed(text)).data;
}

export function imageOf(text: string): ImageRef | undefined {
  return imageRef.safeParse(parsed(text)).data;
}

function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}
