import { nearest } from "../policy/document/nearest.ts";
import { rules } from "../policy/rules/index.ts";

/** What to say of a word that is no rule: the one that was meant, or all there are. */
export function otherRules(word: string): string {
  const ids = Object.keys(rules);
  const near = nearest(word, ids);
  return near === undefined ? `there are: ${ids.join(", ")}` : `did you mean ${near}?`;
}
