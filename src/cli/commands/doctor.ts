import type { Check, ProviderEntry } from "../../../providers/contract.ts";
import { throwTogether } from "../../../providers/together.ts";
import { ScanError } from "../../errors.ts";
import { padEnd } from "../../report/columns.ts";
import { escapeText } from "../../report/escape.ts";
import { EXIT } from "../exit.ts";
import { loadProvider, type Place, parsePlaces } from "../places.ts";
import { providerContext, type SourceOptions } from "../provider-context.ts";
import type { Terminal } from "../terminal.ts";

/** Told as they come: a check may take its time. */
export async function doctorCommand(
  words: readonly string[],
  options: SourceOptions & { readonly json: boolean },
  terminal: Terminal,
  providers: readonly ProviderEntry[],
): Promise<number> {
  const context = providerContext(terminal, options);
  let missing = false;
  const wrong: ScanError[] = [];
  for (const { provider, where } of await placesToLook(words, providers)) {
    const found = await loadProvider(provider, providers);
    if (!found.doctor)
      throw new ScanError("usage", `${provider} needs no credentials: there is nothing to look at`);
    if (!options.json) await terminal.out(`${provider}\n`);
    const tell = async (check: Check): Promise<void> => {
      missing ||= check.outcome === "missing";
      await terminal.out(options.json ? `${JSON.stringify({ provider, ...check })}\n` : shown(check));
    };
    try {
      for await (const check of found.doctor(where, context)) await tell(check);
    } catch (error) {
      if (!(error instanceof ScanError)) throw error;
      // One cloud that cannot be looked at keeps no other from it.
      if (where.length > 0 && error.code === "usage") wrong.push(error);
      else await tell({ what: "cannot be looked at", outcome: "missing", detail: error.line });
    }
  }
  throwTogether(wrong);
  return missing ? EXIT.incomplete : EXIT.pass;
}

async function placesToLook(
  words: readonly string[],
  providers: readonly ProviderEntry[],
): Promise<readonly Place[]> {
  if (words.length > 0) return parsePlaces(words);
  const loaded = await Promise.all(providers.map((entry) => entry.load()));
  return loaded.flatMap((one) => (one.doctor ? [{ provider: one.id, where: [] }] : []));
}

function shown({ what, outcome, detail, fix }: Check): string {
  const head = `  ${padEnd(outcome, 7)}  ${escapeText(what)}: ${escapeText(detail)}\n`;
  if (fix === undefined) return head;
  const lines = fix.split("\n").map((line) => `             ${escapeText(line)}\n`);
  return head + lines.join("");
}
