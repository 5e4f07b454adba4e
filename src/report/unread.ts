import type { ScanResult } from "../model/report.ts";

/** What could not be read, where that is the image as a whole. */
const WHOLE = "image";

/** Errors that the reason of a result tells already: nobody wants to read them twice. */
export function toldErrors({ verdict, reason, unread }: ScanResult): readonly string[] {
  if (verdict === "pass" || verdict === "waived") return [];
  return unread.map((one) => one.reason).filter((one) => reason.includes(one));
}

/** A message without the errors that were told above it. */
export function withoutTold(message: string, told: readonly string[]): string {
  return told.reduce((text, one) => text.replaceAll(one, () => "see why, above"), message);
}

/** `gpt#3: unsupported: LUKS2`: what was not read, beside the image as a whole where the reason tells that. */
export function unreadLines(result: ScanResult): readonly string[] {
  const told = toldErrors(result);
  return result.unread
    .filter(({ what, reason }) => what !== WHOLE || !told.includes(reason))
    .map(({ what, reason }) => `${what}: ${withoutTold(reason, told)}`);
}
