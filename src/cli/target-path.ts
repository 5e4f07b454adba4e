import { existsSync } from "node:fs";
import type { ProviderEntry } from "../../providers/contract.ts";

/** A target and what follows it in the same word. */
export interface TargetPath {
  readonly target: string;
  readonly path: string | undefined;
}

/**
 * `TARGET:PATH` in one word, as `scp` has it. What there is by the whole name is the target, and the colon of a URL or
 * of a provider (`azure:/subscriptions/…`) belongs to it.
 */
export function targetPath(word: string, providers: readonly Pick<ProviderEntry, "id">[]): TargetPath {
  const colon = word.lastIndexOf(":/");
  const target = word.slice(0, colon);
  const isScheme = word.startsWith("://", colon) || providers.some(({ id }) => id === target);
  if (colon <= 0 || isScheme || existsSync(word)) return { target: word, path: undefined };
  return { target, path: word.slice(colon + 1) };
}
