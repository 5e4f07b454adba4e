import { expect, test } from "vitest";
import { Tree } from "../../src/disk/filesystems/tree.ts";
import { memoryFileSystem } from "../../test/support/memory-fs.ts";
import { openContainerImage } from "./container-image.ts";

test("an evidence bundle under another name is no container image, and says what to do", async () => {
  const fs = memoryFileSystem({ "manifest.json": JSON.stringify({ bundleVersion: 1 }) });
  const tree = new Tree([{ path: "/", locator: "x.tgz > tar", fs }]);
  const never = (): Promise<never> => Promise.reject(new Error("nothing is unpacked"));
  await expect(openContainerImage(tree, "x.tgz", never)).rejects.toThrow("sixray evaluate");
});
