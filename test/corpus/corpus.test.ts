import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { scratch } from "../support/images.ts";
import { checkImage } from "./check.ts";
import { diskEntries, unpackCorpus } from "./unpack.ts";

const entries = diskEntries();
if (entries.length === 0)
  console.warn("oracle skipped: the folder shared/corpus does not stand beside the project");

/** Notes that say an error is right. */
const NEGATIVE = /negative|needs_recovery|kernel\/driver refused/;

describe.skipIf(entries.length === 0)("images that nobody here made", () => {
  const folder = scratch("corpus");
  if (entries.length > 0) unpackCorpus(folder);
  const total = { equal: 0, refused: 0, wrong: 0 };

  test.each(entries.map((entry) => [entry.path, entry] as const))(
    "%s",
    { timeout: 120_000 },
    async (path, entry) => {
      const { equal, refused, wrong } = await checkImage(entry, join(folder, path));
      total.equal += equal;
      total.refused += refused.length;
      total.wrong += wrong.length;
      expect(wrong).toEqual([]);
      const unknown = entry.filesystems.some((named) => named.endsWith(":None"));
      if (!NEGATIVE.test(entry.notes ?? "") && !unknown) expect(refused).toEqual([]);
    },
  );

  test("none is skipped", () => {
    console.log(`corpus: ${total.equal} equal, ${total.refused} refused, ${total.wrong} wrong`);
    expect(total.equal + total.refused).toBeGreaterThan(entries.length / 2);
    expect(total.wrong).toBe(0);
  });
});
