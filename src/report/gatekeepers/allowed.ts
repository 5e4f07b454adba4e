import type { ScanResult } from "../../model/report.ts";

/** A report that a format cannot carry without saying something else. */
export class CannotRender extends Error {
  override readonly name = "CannotRender";
}

/**
 * What a gatekeeper calls the images that may be used: `pass` and `waived`. One name may stand for several images (the
 * same in other regions, or reached as somebody else); who is refused under a name is refused under it everywhere.
 * `nameOf` is undefined for what the gatekeeper has no name for. `sameAs` tells which names are one to it.
 */
export function allowedNames<Name>(
  results: readonly ScanResult[],
  nameOf: (image: ScanResult["image"]) => Name | undefined,
  sameAs: (name: Name) => string = (name) => JSON.stringify(name),
): readonly Name[] {
  const allowed = new Map<string, Name>();
  const refused = new Set<string>();
  for (const result of results) {
    const name = nameOf(result.image);
    if (name === undefined) continue;
    const key = sameAs(name);
    if (!isAllowed(result)) refused.add(key);
    else if (!allowed.has(key)) allowed.set(key, name);
  }
  return [...allowed].flatMap(([key, name]) => (refused.has(key) ? [] : [name]));
}

export function isAllowed({ verdict }: ScanResult): boolean {
  return verdict === "pass" || verdict === "waived";
}

/** `us-east-1/ami-0abc` as AWS names it alone; undefined for what is no machine image. */
export function amiOf({ id }: ScanResult["image"]): string | undefined {
  return /(?:^|[/:])(ami-[0-9a-f]{8,17})$/.exec(id)?.[1];
}
