import type { ProviderEntry } from "../../../providers/contract.ts";
import { isReadError } from "../../errors.ts";
import type { ImageRef } from "../../model/image.ts";
import { displayWidth, padEnd } from "../../report/columns.ts";
import { escapeText } from "../../report/escape.ts";
import { EXIT } from "../exit.ts";
import { chooseImages } from "../images.ts";
import { providerContext, type SourceOptions } from "../provider-context.ts";
import type { Terminal } from "../terminal.ts";

/** A longer name moves what is right of it in its own row, and in no other. */
const COLUMN_MAX = 60;

/** What a source offers, newest first; nothing of the images is read. */
export async function listCommand(
  source: string,
  options: SourceOptions & { readonly json: boolean },
  terminal: Terminal,
  providers: readonly ProviderEntry[],
): Promise<number> {
  const chosen = await chooseImages([source], providers, providerContext(terminal, options));
  const images: ImageRef[] = [];
  for (const { image, describe } of chosen) {
    try {
      images.push(describe ? await describe() : image);
    } catch (error) {
      if (!isReadError(error)) throw error;
      terminal.err(`sixray: ${escapeText(error.line)}\n`);
    }
  }
  const sorted = images.toSorted(newestFirst);
  if (options.json) await terminal.out(sorted.map((image) => `${JSON.stringify(shown(image))}\n`).join(""));
  else if (sorted.length > 0) await terminal.out(table(sorted));
  return images.length < chosen.length ? EXIT.incomplete : EXIT.pass;
}

/** Those without a date come last; otherwise the order of the source is kept. */
function newestFirst(a: ImageRef, b: ImageRef): number {
  const [one, other] = [a.date ?? "", b.date ?? ""];
  return one === other ? 0 : one > other ? -1 : 1;
}

function shown(image: ImageRef): object {
  const { provider, id, name, family, date, arch, sizeBytes, digest, deprecated, region, owner, traits } =
    image;
  return { provider, id, name, family, date, arch, sizeBytes, digest, deprecated, region, owner, traits };
}

function table(images: readonly ImageRef[]): string {
  const rows = [
    ["DATE", "ARCH", "SIZE", "FAMILY", "ID"],
    ...images.map(({ date = "-", arch = "-", sizeBytes, family, id }) => [
      date,
      arch,
      sizeBytes === undefined ? "-" : `${Math.ceil(sizeBytes / 2 ** 20)} MiB`,
      family,
      id,
    ]),
  ].map((row) => row.map(escapeText));
  const widths = rows.reduce<number[]>(
    (widest, row) =>
      row.map((cell, at) => Math.min(COLUMN_MAX, Math.max(widest[at] ?? 0, displayWidth(cell)))),
    [],
  );
  const lines = rows.map((row) =>
    row
      .map((cell, at) => padEnd(cell, widths[at] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  return `${lines.join("\n")}\n`;
}
