import type { BootFacts } from "./boot.ts";
import type { Finding } from "./finding.ts";
import type { ImageRef, OsInfo } from "./image.ts";
import type { Prediction } from "./prediction.ts";

export type Verdict = "pass" | "flagged" | "review" | "unreadable" | "waived";

/** Something that lies in the image and was not read, and why: never left out silently. */
export interface Unread {
  /** Where: `gpt#3`, `gpt#1 > ext4 > /etc/sysctl.d/x.conf`, or `image`. */
  readonly what: string;
  /** `unsupported: LUKS2`, `corrupt: ...`. */
  readonly reason: string;
  /** An option, or another machine, may well make it readable. For the ledger; in no document. */
  readonly again?: true;
}

/** What reading cost. `rounds` are sets of reads that did not depend on each other. */
export interface ReadCost {
  readonly reads: number;
  readonly bytes: number;
  readonly rounds: number;
  /** Only for images that are reached by requests. */
  readonly requests?: number;
}

/** How the image was reached, where a provider has more than one way. */
export interface Access {
  /** `direct`, `copy-snapshot`, `worker-serial`. */
  readonly rung: string;
  /** True when the image itself was started, so that what was read may differ from what is shipped. */
  readonly booted: boolean;
  /** Temporary resources, by name: "snapshot snap-0abc (us-east-1)". */
  readonly created: readonly string[];
  /** What the provider charges for it, about, in US dollars. */
  readonly costUsd?: number;
  readonly checksums?: "verified" | "none";
}

/** One image, judged. */
export interface ScanResult {
  readonly image: ImageRef & { readonly os: OsInfo };
  readonly policy: string;
  readonly verdict: Verdict;
  /** One sentence: why this verdict. */
  readonly reason: string;
  /** Absent when nothing could be predicted because the disk could not be read. */
  readonly prediction?: Prediction;
  readonly boot?: BootFacts;
  readonly findings: readonly Finding[];
  readonly unread: readonly Unread[];
  /** What a reviewer should know about how it was read: "dirty journal: 12 blocks replayed in memory". */
  readonly notes: readonly string[];
  readonly cost: ReadCost;
  readonly access?: Access;
}

/** A policy as a report names it. */
export interface PolicyReference {
  readonly id: string;
  readonly title: string;
  /** `sha256:` and hexadecimal digits over its sections and waivers. */
  readonly digest: string;
}

/** A run: the canonical document everything else is rendered from. */
export interface Report {
  readonly schemaVersion: 1;
  /** `sixray 0.1.0`. */
  readonly engine: string;
  /** The day, in UTC, that waivers and reviews were held against: `2026-11-24`. */
  readonly day?: string;
  /** When it was written, as RFC 3339 in UTC: the caller's clock or SOURCE_DATE_EPOCH. Left out, nothing depends on time. */
  readonly generatedAt?: string;
  /** Which part of a run this is, where the run was split: the other parts have the other images. */
  readonly part?: ReportPart;
  /** The policies that results were judged by, by id. */
  readonly policies?: readonly PolicyReference[];
  readonly results: readonly ScanResult[];
}

/** From 1: the second of five is `{ index: 2, count: 5 }`. */
export interface ReportPart {
  readonly index: number;
  readonly count: number;
}

export interface Reporter {
  readonly id: string;
  readonly mediaType: string;
  readonly fileExtension: string;
  /** Rejects when the format cannot be had here at all: to be asked before a run whose results it is to show. */
  ready?(): Promise<void>;
  /** Pure: no clock, no I/O; the same report gives the same bytes. */
  render(report: Report, options: RenderOptions): Rendered | Promise<Rendered>;
}

/** Text, or bytes where the format is not text. */
export type Rendered = string | Uint8Array;

/** A format that is text and needs no library that loads late. */
export interface TextReporter extends Reporter {
  render(report: Report, options: RenderOptions): string;
}

export interface RenderOptions {
  /** Terminal colours wanted (a TTY and no NO_COLOR). Only the text report looks at it. */
  readonly color: boolean;
  /** Width of the terminal in columns. Only the text report looks at it. */
  readonly columns: number;
}
