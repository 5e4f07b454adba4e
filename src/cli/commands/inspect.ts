import type { ProviderEntry } from "../../../providers/contract.ts";
import { renderInspection } from "../../report/inspection.ts";
import { inspect } from "../../scan/inspect.ts";
import { EXIT } from "../exit.ts";
import { chooseOne } from "../images.ts";
import { providerContext, type SourceOptions } from "../provider-context.ts";
import type { Terminal } from "../terminal.ts";

export async function inspectCommand(
  target: string,
  options: SourceOptions & { readonly json: boolean },
  terminal: Terminal,
  providers: readonly ProviderEntry[],
): Promise<number> {
  const { signal, color, columns } = terminal;
  const { image, open } = await chooseOne(target, providers, providerContext(terminal, options));
  const seen = await inspect(image, open, { signal });
  await terminal.out(
    options.json ? `${JSON.stringify(seen, undefined, 2)}\n` : renderInspection(seen, { color, columns }),
  );
  return seen.unread.length > 0 || !seen.os ? EXIT.incomplete : EXIT.pass;
}
