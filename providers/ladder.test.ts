import { expect, test } from "vitest";
import { memorySource } from "../src/disk/bytes/byte-source.ts";
import type { OpenImage } from "./contract.ts";
import { climb, READ_ONLY, type Refusal, type Rung } from "./ladder.ts";

const OPEN: OpenImage = {
  target: {
    kind: "disk",
    source: memorySource(new Uint8Array(512), "disk"),
    reading: { blockBytes: 512, gapMaxBytes: 0 },
  },
  close: async () => undefined,
};

const tried: string[] = [];

function rung(
  id: string,
  answer: OpenImage | Refusal,
  more: Partial<Pick<Rung<string>, "creates" | "bootsImage" | "unfit">> = {},
): Rung<string> {
  return {
    id,
    title: id,
    needs: [],
    creates: [],
    bootsImage: false,
    costHint: "nothing",
    ...more,
    climb: async () => {
      tried.push(id);
      return answer;
    },
  };
}

async function fails(rungs: readonly Rung<string>[], options = {}): Promise<string> {
  tried.length = 0;
  const error: unknown = await climb(rungs, "image", { ...READ_ONLY, label: "image", ...options }).then(
    () => undefined,
    (caught: unknown) => caught,
  );
  return error instanceof Error ? error.message : "opened";
}

const direct = rung("direct", { refused: "it is not shared with you" });
const copy = rung("copy", OPEN, { creates: ["a snapshot"] });
const launch = rung("launch", OPEN, { creates: ["an instance"], bootsImage: true });

test("by default nothing is created, and the error names every rung and what would let it", async () => {
  expect(await fails([direct, copy])).toBe(
    "direct: it is not shared with you; copy: would create a snapshot; --allow-create lets it",
  );
  expect(tried).toEqual(["direct"]);
});

test("a rung that is no way to the image says so, whatever is allowed", async () => {
  const unfit = rung("unfit", OPEN, { creates: ["an image"], unfit: (image) => `${image} is none` });
  const says = "unfit: image is none; copy: would create a snapshot; --allow-create lets it";
  expect(await fails([unfit, copy])).toBe(says);
  expect(await fails([unfit], { allowCreate: true })).toBe("unfit: image is none");
  expect(tried).toEqual([]);
});

test("the first rung that works opens the image and is named", async () => {
  tried.length = 0;
  const opened = await climb([direct, copy, launch], "image", {
    allowCreate: true,
    allowBoot: true,
    label: "image",
  });
  expect(tried).toEqual(["direct", "copy"]);
  expect(opened.access?.()).toEqual({ rung: "copy", booted: false, created: [] });
});

test("creating does not include booting", async () => {
  expect(await fails([direct, launch], { allowCreate: true })).toContain("--allow-boot lets it");
  expect(tried).toEqual(["direct"]);
});

test("what no other rung would mend ends the climb", async () => {
  const sold = rung("direct", { refused: "a Marketplace product", final: true });
  expect(await fails([sold, copy], { allowCreate: true })).toBe("direct: a Marketplace product");
  expect(tried).toEqual(["direct"]);
});

test("--max-rung ends the ladder there, and has to name a rung", async () => {
  expect(await fails([direct, copy], { allowCreate: true, maxRung: "direct" })).toBe(
    "direct: it is not shared with you",
  );
  expect(await fails([direct, copy], { maxRung: "stairs" })).toBe("no rung stairs; there are direct, copy");
});
