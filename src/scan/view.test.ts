import { expect, test } from "vitest";
import { memoryFileSystem } from "../../test/support/memory-fs.ts";
import { corrupt } from "../errors.ts";
import { type Opener, withView } from "./view.ts";

const IMAGE = { provider: "test", id: "x", name: "x", family: "x" };

/** An image that changes while it is looked at, the first `changes` times that it is opened. */
function changing(changes: number): { readonly open: Opener; readonly log: string[] } {
  const log: string[] = [];
  let openings = 0;
  const open: Opener = async () => {
    const opening = ++openings;
    log.push(`open ${opening}`);
    return {
      target: { kind: "files", fs: memoryFileSystem({}), locator: "x" },
      stale: () => opening <= changes,
      close: async () => void log.push(`close ${opening}`),
    };
  };
  return { open, log };
}

test.each([
  ["what was seen is thrown away", async () => "seen"],
  ["what could not be read is no answer", () => Promise.reject(corrupt("x", "half old, half new"))],
])("an image that changes under us is opened anew: %s", async (_, use) => {
  const { open, log } = changing(1);
  const answers = [use, async () => "seen anew"];
  const view = withView(IMAGE, open, { repeatable: true }, () => (answers.shift() ?? use)());
  expect(await view).toBe("seen anew");
  expect(log).toEqual(["open 1", "close 1", "open 2", "close 2"]);
});

test("one that changes again is refused, as is one whose use cannot be repeated", async () => {
  const twice = changing(2);
  const refused = { code: "transient", message: expect.stringMatching(/changed while it was read/) };
  await expect(withView(IMAGE, twice.open, { repeatable: true }, async () => 1)).rejects.toMatchObject(
    refused,
  );
  expect(twice.log).toHaveLength(4);
  const once = changing(1);
  await expect(withView(IMAGE, once.open, {}, async () => 1)).rejects.toMatchObject(refused);
  expect(once.log).toEqual(["open 1", "close 1"]);
});
