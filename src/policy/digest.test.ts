import { expect, test } from "vitest";
import { policyDigest, policyReference } from "./digest.ts";
import { DIGESTS } from "./templates/digests.ts";
import { builtIn } from "./templates/index.ts";

test("the digests of built-in policies are kept as they are: npm run schema writes them", () => {
  expect(DIGESTS).toEqual(Object.fromEntries(builtIn.map((policy) => [policy.id, policyDigest(policy)])));
});

test("a policy that only takes the name of a built-in one has its own digest", () => {
  const [first] = builtIn;
  if (first === undefined) throw new Error("no policies");
  const mine = { ...first, sections: {} };
  expect(policyReference(mine).digest).toBe(policyDigest(mine));
  expect(policyReference(mine).digest).not.toBe(policyReference(first).digest);
});
