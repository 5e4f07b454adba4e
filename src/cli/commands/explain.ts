import type { ProviderEntry } from "../../../providers/contract.ts";
import { isReadError, ScanError } from "../../errors.ts";
import { isRuleId, rules } from "../../policy/rules/index.ts";
import { renderExplain, renderRule } from "../../report/explain.ts";
import { scan } from "../../scan/scan.ts";
import type { Listed } from "../../scan/scan-all.ts";
import { today } from "../clock.ts";
import { exitCodeOf, FAILABLE } from "../exit.ts";
import { chooseOne } from "../images.ts";
import { choosePolicy } from "../policy-file.ts";
import { progressOn } from "../progress.ts";
import { providerContext, type SourceOptions } from "../provider-context.ts";
import type { Terminal } from "../terminal.ts";

/** Neither a path nor a name with an ending. */
const RULE_LIKE = /^\w+(?:-\w+)*$/;

export async function explainCommand(
  target: string,
  options: SourceOptions & { readonly policy?: string | undefined; readonly thorough: boolean },
  terminal: Terminal,
  providers: readonly ProviderEntry[],
): Promise<number> {
  const { signal, color, columns } = terminal;
  if (isRuleId(target)) {
    await terminal.out(renderRule(rules[target], { color, columns }));
    return 0;
  }
  const { image, open, describe } = await chooseOne(target, providers, providerContext(terminal, options));
  if (RULE_LIKE.test(target)) await refuseMistyped(target, describe);
  const policy = options.policy === undefined ? undefined : await choosePolicy(options.policy);
  const day = today();
  const progress = progressOn(terminal, false);
  const result = await scan(image, open, {
    policy,
    today: day,
    review: true,
    thorough: options.thorough,
    signal,
    onProgress: progress.update,
  }).finally(progress.close);
  await terminal.out(renderExplain(result, { color, columns }));
  return exitCodeOf([result.verdict], { failOn: new Set(FAILABLE), strict: false });
}

/** A word that names no file was meant for a rule as likely as for an image. */
async function refuseMistyped(word: string, describe: Listed["describe"]): Promise<void> {
  try {
    await describe?.();
  } catch (error) {
    if (!isReadError(error)) throw error;
    const { otherRules } = await import("../no-rule.ts");
    throw new ScanError("usage", `no image and no rule ${word}; rules: ${otherRules(word)}`);
  }
}
