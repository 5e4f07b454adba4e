import type { FlatFiles } from "../support/machine.ts";

/** The smallest part of `files` that still disagrees: files, then lines, are left out one by one. */
export async function shrink(
  files: FlatFiles,
  disagrees: (files: FlatFiles) => Promise<boolean>,
): Promise<FlatFiles> {
  let least = files;
  for (let changed = true; changed; ) {
    changed = false;
    for (const smaller of smallerThan(least)) {
      if (!(await disagrees(smaller))) continue;
      least = smaller;
      changed = true;
      break;
    }
  }
  return least;
}

function* smallerThan(files: FlatFiles): Generator<FlatFiles> {
  for (const path of Object.keys(files))
    yield Object.fromEntries(Object.entries(files).filter(([other]) => other !== path));
  for (const [path, content] of Object.entries(files)) {
    if (typeof content !== "string") continue;
    const lines = content.split("\n");
    if (lines.length > 1)
      for (let at = 0; at < lines.length; at++)
        yield { ...files, [path]: lines.filter((_, index) => index !== at).join("\n") };
  }
}
