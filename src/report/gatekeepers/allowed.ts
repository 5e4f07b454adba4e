import type { ScanResult } from "../../model/report.ts";

/** A report that a format cannot carry without saying something else. */
export class CannotRender extends Error {
  override readonly name = "CannotRender";
}

/** Images that may be used: `pass` and `waived`, and nothing else with the same provider and id. */
export function allowedImages(
  results: readonly ScanResult[],
  provider?: string,
): readonly ScanResult["image"][] {
  const key = ({ image }: ScanResult): string => JSON.stringify([image.provider, image.id]);
  const refused = new Set(results.filter((one) => !isAllowed(one)).map(key));
  const allowed = results.filter(
    (one) =>
      isAllowed(one) && !refused.has(key(one)) && (provider === undefined || one.image.provider === provider),
  );
  return [...new Map(allowed.map((one) => [key(one), one.image])).values()];
}

export function isAllowed({ verdict }: ScanResult): boolean {
  return verdict === "pass" || verdict === "waived";
}

/** `us-east-1/ami-0abc` as AWS names it alone; undefined for what is no machine image. */
export function amiOf({ id }: ScanResult["image"]): string | undefined {
  return /(?:^|[/:])(ami-[0-9a-f]{8,17})$/.exec(id)?.[1];
}
