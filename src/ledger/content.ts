import { createHash } from "node:crypto";
import type { ImageRef } from "../model/image.ts";

/**
 * What makes a scan of an image worth keeping: the same content id, the same bytes. Providers whose ids are immutable
 * (an AMI, a gallery image version) need no more than the id; the others say what tells one content from the next
 * (`marker`: size, times and both ends of a file; an ETag, and the digest that is declared besides).
 *
 * Provider and id are part of it, so that an image that lies in two places is judged in both: evidence and waivers
 * name the place.
 */
export function contentId(image: ImageRef, marker: string | undefined): string {
  return digestOf(["content", image.provider, image.id, marker ?? image.digest ?? ""]);
}

/** Key of an image whatever its content. */
export function imageKey({ provider, id }: Pick<ImageRef, "provider" | "id">): string {
  return digestOf(["image", provider, id]);
}

/** Of images that have no marker (a folder): what was seen in it. */
export function contentOfEvidence(image: ImageRef, evidence: string): string {
  return digestOf(["evidence", image.provider, image.id, evidence]);
}

function digestOf(parts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}
