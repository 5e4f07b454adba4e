import type { ProviderEntry } from "../../../providers/contract.ts";
import { treeOf, withView } from "../../scan/view.ts";
import { EXIT } from "../exit.ts";
import { chooseOne } from "../images.ts";
import { providerContext, type SourceOptions } from "../provider-context.ts";
import { meantPath } from "../shown-path.ts";
import type { Terminal } from "../terminal.ts";

const PIECE_BYTES = 1 << 20;

export async function catCommand(
  target: string,
  path: string,
  options: SourceOptions & { readonly volume?: string | undefined },
  terminal: Terminal,
  providers: readonly ProviderEntry[],
): Promise<number> {
  const { signal } = terminal;
  const { image, open } = await chooseOne(target, providers, providerContext(terminal, options));
  await withView(image, open, { signal }, async (view) => {
    const { tree } = await treeOf(view, options.volume);
    const file = await tree.open(await meantPath(tree, path));
    for (let at = 0; at < file.size; at += PIECE_BYTES) {
      await terminal.out(await file.read(at, Math.min(PIECE_BYTES, file.size - at), signal));
    }
  });
  return EXIT.pass;
}
