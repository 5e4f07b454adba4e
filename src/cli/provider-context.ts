import type { ListQuery, ProviderContext } from "../../providers/contract.ts";
import type { LeaseBook } from "../../providers/lease/book.ts";
import { type Digest, parseDigest } from "../../providers/unpack/digest.ts";
import { ScanError } from "../errors.ts";
import { escapeText } from "../report/escape.ts";
import type { Terminal } from "./terminal.ts";

/** What a person may say about how images are reached; the same for every command. */
export interface SourceOptions {
  readonly with?: readonly string[] | undefined;
  readonly maxSpool?: string | undefined;
  readonly download?: boolean | undefined;
  readonly digest?: string | undefined;
  readonly verifyDigest?: boolean | undefined;
  readonly quiet?: boolean | undefined;
  readonly allowCreate?: boolean | undefined;
  readonly allowBoot?: boolean | undefined;
  readonly maxRung?: string | undefined;
  readonly owner?: readonly string[] | undefined;
  readonly name?: readonly string[] | undefined;
  readonly arch?: string | undefined;
  readonly latest?: string | undefined;
  readonly deprecated?: boolean | undefined;
  readonly account?: string | undefined;
  /** Where temporary resources are written down: only there when some may be made. */
  readonly leases?: LeaseBook | undefined;
}

export function providerContext(terminal: Terminal, options: SourceOptions): ProviderContext {
  const { digest, leases } = options;
  return {
    signal: terminal.signal,
    companions: options.with ?? [],
    ...(options.maxSpool === undefined ? {} : { spoolMaxBytes: parseSize(options.maxSpool) }),
    ...(options.download ? { download: true } : {}),
    ...(digest === undefined ? {} : { digest: digestOf(digest) }),
    ...(options.verifyDigest ? { verifyDigest: true } : {}),
    climb: {
      allowCreate: options.allowCreate ?? false,
      allowBoot: options.allowBoot ?? false,
      maxRung: options.maxRung,
    },
    ...(leases === undefined ? {} : { leases }),
    query: queryOf(options),
    ...(options.quiet ? {} : { onWait: waiting(terminal) }),
    ...(terminal.errIsTty && !options.quiet
      ? { onSpool: (image, bytes) => tell(terminal, image, bytes) }
      : {}),
  };
}

/** What the kernel and the clouds call the architectures that sixray names as Debian does. */
const DEBIAN_NAMES: Readonly<Record<string, string>> = { x86_64: "amd64", aarch64: "arm64", i686: "i386" };

function queryOf({ owner, name, arch, latest, deprecated, account }: SourceOptions): ListQuery {
  const count = latest === undefined ? undefined : Number(latest);
  if (count !== undefined && !(Number.isInteger(count) && count >= 1))
    throw new ScanError("usage", "--latest takes how many of each family, from 1");
  return {
    ...(owner === undefined ? {} : { owners: owner }),
    ...(name === undefined ? {} : { names: name }),
    ...(arch === undefined ? {} : { arch: DEBIAN_NAMES[arch] ?? arch }),
    ...(count === undefined ? {} : { latest: count }),
    ...(deprecated ? { deprecated } : {}),
    ...(account === undefined ? {} : { account }),
  };
}

/** How long the same waiting goes unmentioned where lines stay. */
const REMIND_MS = 30_000;

/** One live line on a TTY; elsewhere a line when a wait begins, and one now and then while it lasts. */
function waiting(terminal: Terminal): (image: string, what: string | undefined) => void {
  const told = new Map<string, number>();
  return (image, what) => {
    if (terminal.errIsTty) {
      const line = what === undefined ? "" : `${escapeText(image)}: ${escapeText(what)}`;
      terminal.err(CLEAR_LINE + line.slice(0, Math.max(20, terminal.columns - 1)));
      return;
    }
    if (what === undefined) {
      told.delete(image);
      return;
    }
    const now = Date.now();
    if (now - (told.get(image) ?? Number.NEGATIVE_INFINITY) < REMIND_MS) return;
    told.set(image, now);
    terminal.err(`sixray: ${escapeText(image)}: ${escapeText(what)}\n`);
  };
}

const CLEAR_LINE = "\r\u001b[K";

function tell(terminal: Terminal, image: string, bytes: number | undefined): void {
  if (bytes === undefined) {
    terminal.err(CLEAR_LINE);
    return;
  }
  const line = `unpacking ${escapeText(image)} (${Math.round(bytes / 2 ** 20)} MiB)`;
  terminal.err(CLEAR_LINE + line.slice(0, Math.max(20, terminal.columns - 1)));
}

const POWERS: Readonly<Record<string, number>> = { "": 0, K: 1, M: 2, G: 3, T: 4 };

/** `64G`, `512MiB`, `1000000`. */
function parseSize(text: string): number {
  const [, digits = "", unit = ""] = /^(\d+)\s*([KMGT]?)(?:i?B)?$/i.exec(text) ?? [];
  const bytes = Number(digits) * 1024 ** (POWERS[unit.toUpperCase()] ?? 0);
  if (digits === "" || !Number.isSafeInteger(bytes) || bytes === 0)
    throw new ScanError("usage", "--max-spool takes a size such as 64G or 512M");
  return bytes;
}

function digestOf(text: string): Digest {
  const digest = parseDigest(text);
  if (!digest)
    throw new ScanError("usage", "--digest takes sha256: and 64, or sha512: and 128 hexadecimal digits");
  return digest;
}
