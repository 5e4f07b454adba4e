import type { ProviderEntry } from "../../../providers/contract.ts";
import { writeBundle } from "../../bundle/write.ts";
import { escapeText } from "../../report/escape.ts";
import { extractEvidence } from "../../scan/scan.ts";
import { EXIT } from "../exit.ts";
import { chooseOne } from "../images.ts";
import { writeAll } from "../output.ts";
import { progressOn } from "../progress.ts";
import { providerContext, type SourceOptions } from "../provider-context.ts";
import type { Terminal } from "../terminal.ts";
import { ENGINE } from "../version.ts";

export interface ExtractOptions extends SourceOptions {
  readonly output?: string | undefined;
  readonly thorough: boolean;
}

/** Writes what a scan would judge into a bundle. What could not be read is in it, too, as that. */
export async function extractCommand(
  target: string,
  options: ExtractOptions,
  terminal: Terminal,
  providers: readonly ProviderEntry[],
): Promise<number> {
  const { signal } = terminal;
  const {
    image,
    open,
    evidence: known,
  } = await chooseOne(target, providers, providerContext(terminal, options));
  const progress = progressOn(terminal, false);
  const { thorough } = options;
  const evidence = known
    ? await known()
    : await extractEvidence(image, open, { signal, thorough, onProgress: progress.update }).finally(
        progress.close,
      );
  const path =
    options.output ??
    `${image.name.replace(/[^A-Za-z0-9._-]+/g, "-").replace(/^[.-]+/, "") || "image"}.sixray.tar.gz`;
  await writeAll([{ path, content: await writeBundle(evidence, ENGINE) }]);
  terminal.err(`sixray: wrote ${escapeText(path)}\n`);
  if (evidence.failure === undefined) return EXIT.pass;
  terminal.err(`sixray: ${escapeText(evidence.failure)}\n`);
  return EXIT.incomplete;
}
