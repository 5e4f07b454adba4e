import { basename, resolve } from "node:path";
import type { ImageRef } from "../../src/model/image.ts";

/** How reports name an image at `path`: its id is the path as it was given. Nothing is looked at. */
export function refOf(path: string): ImageRef {
  const name = basename(resolve(path));
  return { provider: "file", id: path, name, family: name.replace(/(?<=.)\.[a-z0-9.]+$/i, "") };
}
