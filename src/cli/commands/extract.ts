import { existsSync } from "node:fs";
import { basename } from "node:path";
import type { ProviderEntry } from "../../../providers/contract.ts";
import { readBundle } from "../../bundle/read.ts";
import { writeBundle } from "../../bundle/write.ts";
import { isReadError, ScanError } from "../../errors.ts";
import type { ImageRef } from "../../model/image.ts";
import { escapeText } from "../../report/escape.ts";
import { extract } from "../../scan/extract.ts";
import { today } from "../clock.ts";
import { EXIT } from "../exit.ts";
import { givenBytes } from "../given-file.ts";
import { chooseOne } from "../images.ts";
import { checkPlace, writeAll } from "../output.ts";
import { progressOn } from "../progress.ts";
import { providerContext, type SourceOptions } from "../provider-context.ts";
import type { Terminal } from "../terminal.ts";
import { ENGINE } from "../version.ts";

export interface ExtractCommandOptions extends SourceOptions {
  readonly output?: string | undefined;
  readonly thorough: boolean;
  readonly quiet: boolean;
}

export async function extractCommand(
  target: string,
  options: ExtractCommandOptions,
  terminal: Terminal,
  providers: readonly ProviderEntry[],
): Promise<number> {
  const { signal } = terminal;
  const { image, open } = await chooseOne(target, providers, providerContext(terminal, options));
  const path = options.output ?? `${basename(image.family)}.sixray.tar.gz`;
  await checkPlace(path);
  if (options.output === undefined) await checkOwn(path, image);
  const progress = progressOn(terminal, options.quiet);
  progress.listed(image);
  const taken = await extract(image, open, {
    signal,
    thorough: options.thorough,
    onProgress: progress.update,
  }).finally(progress.close);
  const content = await writeBundle(taken, { engine: ENGINE, day: today() });
  await writeAll([{ path, content }]);
  if (taken.state === "failed") {
    terminal.err(`sixray: ${escapeText(path)} says only why nothing was read: ${escapeText(taken.reason)}\n`);
    return EXIT.incomplete;
  }
  if (!options.quiet) terminal.err(`sixray: wrote ${escapeText(path)}\n`);
  return EXIT.pass;
}

/** Images of one family have one default name: nobody said that the evidence of another one may go. */
async function checkOwn(path: string, { provider, id }: ImageRef): Promise<void> {
  if (!existsSync(path)) return;
  const there = await readBundle(await givenBytes(path), path).catch((error: unknown) => {
    if (!isReadError(error)) throw error;
  });
  const image = there?.extract.image;
  if (image?.provider === provider && image.id === id) return;
  const what = image ? `the evidence of ${image.provider}:${image.id}` : "no evidence bundle";
  throw new ScanError("usage", `${path} is there already, and is ${what}: name the file with --output`);
}
