import { writeFile } from "node:fs/promises";
import type { ProviderEntry } from "../../../providers/contract.ts";
import { errorLine, ScanError } from "../../errors.ts";
import { escapeText } from "../../report/escape.ts";
import { evidenceDigest } from "../../scan/evidence-digest.ts";
import { scan } from "../../scan/scan.ts";
import { EXIT } from "../exit.ts";
import { chooseOne } from "../images.ts";
import { progressOn } from "../progress.ts";
import { providerContext, type SourceOptions } from "../provider-context.ts";
import { printReview } from "../review-file.ts";
import type { Terminal } from "../terminal.ts";

export interface ReviewOptions extends SourceOptions {
  readonly image: string;
  readonly by: string;
  readonly result: "accepted" | "rejected";
  readonly note: string;
  readonly expires?: string | undefined;
  readonly output?: string | undefined;
  readonly force: boolean;
}

const DAYS = 365;
const DAY_MS = 86_400_000;

/** Looks at the image once more and writes down who decided what, on which evidence. */
export async function reviewSignCommand(
  options: ReviewOptions,
  terminal: Terminal,
  providers: readonly ProviderEntry[],
): Promise<number> {
  const { signal } = terminal;
  const now = new Date();
  if (options.expires !== undefined && options.expires < dayOf(now))
    throw new ScanError("usage", `--expires ${options.expires} is over: name the last day it is to hold`);
  const { image, open } = await chooseOne(options.image, providers, providerContext(terminal, options));
  const progress = progressOn(terminal, false);
  const result = await scan(image, open, { signal, onProgress: progress.update }).finally(progress.close);
  if (result.verdict !== "review")
    throw new ScanError("usage", `${image.id} is ${result.verdict}, not for review: ${result.reason}`);
  const text = printReview({
    image: { provider: image.provider, id: image.id },
    evidence: evidenceDigest(result),
    by: options.by,
    at: dayOf(now),
    expires: options.expires ?? dayOf(new Date(now.getTime() + DAYS * DAY_MS)),
    result: options.result,
    note: options.note,
  });
  const file = options.output ?? `${image.family.replaceAll(/[^\w.-]/g, "-")}.review.json`;
  try {
    await writeFile(file, text, { flag: options.force ? "w" : "wx" });
  } catch (error) {
    throw new ScanError("usage", `cannot write ${file}: ${errorLine(error)} (--force writes over it)`);
  }
  terminal.err(
    `sixray: wrote ${escapeText(file)}; later runs honour it with: --review ${escapeText(file)}\n`,
  );
  return EXIT.pass;
}

function dayOf(date: Date): string {
  return date.toISOString().slice(0, 10);
}
