import { expect, test } from "vitest";
import { installed } from "./sdk.ts";

test("a library that is not installed is told with the command that installs it; other errors stay", async () => {
  const gone = Object.assign(new Error("Cannot find package"), { code: "ERR_MODULE_NOT_FOUND" });
  const load = (error: Error) => () => Promise.reject(error);
  await expect(installed(load(gone), "AWS targets need the AWS SDK", ["a", "b"])).rejects.toThrow(
    "AWS targets need the AWS SDK, which is not installed: npm install a b",
  );
  const broken = new Error("broken");
  await expect(installed(load(broken), "x", ["a"])).rejects.toBe(broken);
});
