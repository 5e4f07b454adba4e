import { ScanError } from "../../errors.ts";
import { isRuleId, rules } from "../../policy/rules/index.ts";
import { renderRule } from "../../report/explain.ts";
import { EXIT } from "../exit.ts";
import type { Terminal } from "../terminal.ts";

/** Every rule in a line, or one in full. */
export async function rulesCommand(id: string | undefined, terminal: Terminal): Promise<number> {
  const { color, columns } = terminal;
  if (id === undefined) {
    const all = Object.values(rules);
    const width = Math.max(...all.map((rule) => rule.id.length));
    await terminal.out(
      all.map((rule) => `${rule.id.padEnd(width)}  ${rule.severity.padEnd(6)}  ${rule.title}\n`).join(""),
    );
    return EXIT.pass;
  }
  if (!isRuleId(id)) {
    const { otherRules } = await import("../no-rule.ts");
    throw new ScanError("usage", `no rule ${id}; ${otherRules(id)}`);
  }
  await terminal.out(renderRule(rules[id], { color, columns }));
  return EXIT.pass;
}
