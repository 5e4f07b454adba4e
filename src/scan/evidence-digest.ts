import { createHash } from "node:crypto";
import type { Evidence } from "../model/locator.ts";
import type { ScanResult } from "../model/report.ts";

/** Layers that only a thorough look reads: a review must not depend on how it was scanned. */
const EXTRA = new Set([
  "windows-firewall",
  "windows-tunnels",
  "windows-bindings",
  "windows-setup",
  "windows-agents",
]);

/**
 * `sha256:…` over what decided about an image: system, predicted state, deciding steps and blind spots with their
 * lines. The image's own name is left out: a copy has the same digest.
 */
export function evidenceDigest({
  image,
  prediction,
  unread,
}: Omit<ScanResult, "verdict" | "reason">): string {
  const plain = ({ locator, line, text }: Evidence): readonly unknown[] => [
    locator.startsWith(`${image.id} > `) ? locator.slice(image.id.length + 3) : locator,
    line ?? 0,
    text ?? "",
  ];
  const told = (
    ones: readonly {
      readonly layer: string;
      readonly text: string;
      readonly evidence: readonly Evidence[];
    }[] = [],
  ): readonly unknown[] =>
    ones
      .filter(({ layer }) => !EXTRA.has(layer))
      .map(({ layer, text, evidence }) => [layer, text, evidence.map(plain)]);
  const document = [
    [image.os.id, image.os.version],
    prediction?.state ?? "",
    told(prediction?.steps),
    told(prediction?.blindSpots),
    unread.map(({ what, reason }) => [plain({ locator: what }), reason]),
  ];
  return `sha256:${createHash("sha256").update(JSON.stringify(document)).digest("hex")}`;
}
