import { corrupt, limitReached } from "../../errors.ts";
import { compareNames } from "../bytes/names.ts";
import type { Located, Tree } from "./tree.ts";

/** Children resolved at a time: enough to share rounds, few enough to keep memory flat. */
const BATCH = 256;
const DEPTH_MAX = 256;

type Found = Extract<Located, { state: "found" }>;

/**
 * Everything below a folder, links not followed, parents before children, names in byte order. What cannot be
 * read comes as `unreadable` in its place; a folder that contains itself is told once, not followed.
 */
export async function* walk(tree: Tree, folder: Found, recursive: boolean): AsyncGenerator<Located> {
  yield* walkBelow(tree, folder, recursive, [idOf(tree, folder)]);
}

async function* walkBelow(
  tree: Tree,
  folder: Found,
  recursive: boolean,
  ancestors: readonly string[],
): AsyncGenerator<Located> {
  const entries = (await tree.listAt(folder)).toSorted((a, b) => compareNames(a.name, b.name));
  for (let at = 0; at < entries.length; at += BATCH) {
    const batch = entries.slice(at, at + BATCH);
    const children = await Promise.all(batch.map((entry) => tree.childAt(folder, entry)));
    for (const child of children) {
      yield child;
      if (!recursive || child.state !== "found" || child.node.type !== "directory") continue;
      yield* descend(tree, child, ancestors);
    }
  }
}

async function* descend(tree: Tree, child: Found, ancestors: readonly string[]): AsyncGenerator<Located> {
  const { path, locator } = child;
  const id = idOf(tree, child);
  if (ancestors.includes(id)) {
    yield { state: "unreadable", path, locator, error: corrupt(locator, "folder lies inside itself") };
  } else if (ancestors.length >= DEPTH_MAX) {
    yield { state: "unreadable", path, locator, error: limitReached(locator, "folders nest too deep") };
  } else {
    const listing = await tree.tryList(child);
    if (listing) yield listing;
    else yield* walkBelow(tree, child, true, [...ancestors, id]);
  }
}

function idOf(tree: Tree, { path, node }: Found): string {
  return `${tree.mountOf(path).locator} ${node.id}`;
}
