import type { ProviderEntry } from "../../../providers/contract.ts";
import { isRuleId, rules } from "../../policy/rules/index.ts";
import { renderExplain, renderRule } from "../../report/explain.ts";
import { scan } from "../../scan/scan.ts";
import { exitCodeOf, FAILABLE } from "../exit.ts";
import { chooseOne } from "../images.ts";
import { choosePolicy } from "../policy-file.ts";
import { progressOn } from "../progress.ts";
import { providerContext, type SourceOptions } from "../provider-context.ts";
import type { Terminal } from "../terminal.ts";

export async function explainCommand(
  target: string,
  options: SourceOptions & { readonly policy?: string | undefined },
  terminal: Terminal,
  providers: readonly ProviderEntry[],
): Promise<number> {
  const { signal, color, columns } = terminal;
  if (isRuleId(target)) {
    await terminal.out(renderRule(rules[target], { color, columns }));
    return 0;
  }
  const policy = options.policy === undefined ? undefined : await choosePolicy(options.policy);
  const today = new Date().toISOString().slice(0, 10);
  const { image, open } = await chooseOne(target, providers, providerContext(terminal, options));
  const progress = progressOn(terminal, false);
  const result = await scan(image, open, {
    policy,
    today,
    thorough: true,
    signal,
    onProgress: progress.update,
  }).finally(progress.close);
  await terminal.out(renderExplain(result, { color, columns }));
  return exitCodeOf([result.verdict], { failOn: new Set(FAILABLE), strict: false });
}
