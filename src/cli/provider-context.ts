import type { ProviderContext } from "../../providers/contract.ts";
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
}

export function providerContext(terminal: Terminal, options: SourceOptions): ProviderContext {
  const { digest } = options;
  return {
    signal: terminal.signal,
    companions: options.with ?? [],
    ...(options.maxSpool === undefined ? {} : { spoolMaxBytes: parseSize(options.maxSpool) }),
    ...(options.download ? { download: true } : {}),
    ...(digest === undefined ? {} : { digest: digestOf(digest) }),
    ...(options.verifyDigest ? { verifyDigest: true } : {}),
    ...(terminal.errIsTty && !options.quiet
      ? { onSpool: (image, bytes) => tell(terminal, image, bytes) }
      : {}),
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
