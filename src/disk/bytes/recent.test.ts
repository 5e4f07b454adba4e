import { expect, test } from "vitest";
import { recent } from "./recent.ts";

test("keeps what was asked for last, shares what is under way, forgets what failed", async () => {
  const made: string[] = [];
  const cache = recent<string>(2);
  const get = (key: number): Promise<string> =>
    cache(key, async () => {
      made.push(`${key}`);
      return `value ${key}`;
    });
  expect(await Promise.all([get(1), get(1), get(2)])).toEqual(["value 1", "value 1", "value 2"]);
  await get(1);
  await get(3);
  await get(1);
  expect(made).toEqual(["1", "2", "3"]);
  await get(2);
  expect(made).toEqual(["1", "2", "3", "2"]);

  const fails = (): Promise<string> => Promise.reject(new Error("broken"));
  await expect(cache(9, fails)).rejects.toThrow("broken");
  expect(await get(9)).toBe("value 9");
});
