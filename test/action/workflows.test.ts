import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";

const TOP = fileURLToPath(new URL("../../", import.meta.url));
const DOCS = join(TOP, "docs/github-actions");
const files = [
  ...readdirSync(DOCS)
    .filter((name) => name.endsWith(".yml"))
    .map((name) => join(DOCS, name)),
  join(TOP, "docs/fleet/github-matrix.yml"),
  join(TOP, ".github/workflows/release.yml"),
];

const step = z.looseObject({
  uses: z.string().optional(),
  run: z.string().optional(),
  env: z.record(z.string(), z.unknown()).optional(),
  with: z.record(z.string(), z.unknown()).optional(),
});
const workflow = z.looseObject({
  name: z.string(),
  permissions: z.strictObject({}),
  jobs: z.record(
    z.string(),
    z.looseObject({ permissions: z.record(z.string(), z.string()), steps: z.array(step) }),
  ),
});
const action = z.looseObject({
  inputs: z.record(z.string(), z.looseObject({ description: z.string() })),
  runs: z.looseObject({ main: z.string() }),
});

test.each(files)("%s: least permissions, pinned by SHA, no text from outside in a script", (file) => {
  const { jobs } = workflow.parse(parse(readFileSync(file, "utf8")));
  const inputs = action.parse(parse(readFileSync(join(TOP, "action.yml"), "utf8"))).inputs;
  for (const { uses, run, with: given } of Object.values(jobs).flatMap(({ steps }) => steps)) {
    if (uses?.startsWith("sixray/"))
      expect(Object.keys(inputs)).toEqual(expect.arrayContaining(Object.keys(given ?? {})));
    else if (uses !== undefined) expect(uses).toMatch(/^[\w.-]+\/[\w./-]+@[0-9a-f]{40}$/);
    expect(run ?? "").not.toContain("${{");
  }
});

test.each(files)("%s: after azure/login, sixray is told whose token to ask for", (file) => {
  for (const { steps } of Object.values(workflow.parse(parse(readFileSync(file, "utf8"))).jobs)) {
    if (!steps.some(({ uses }) => uses?.startsWith("azure/login@"))) continue;
    for (const { uses, env } of steps)
      if (uses?.startsWith("sixray/"))
        expect(Object.keys(env ?? {})).toEqual(
          expect.arrayContaining(["AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_SUBSCRIPTION_ID"]),
        );
  }
});

/** `actions/cache` as one step saves nothing once a step has failed: https://github.com/actions/cache, action.yml. */
test("what a run has seen is kept although it failed", () => {
  const texts = [...files, join(DOCS, "README.md"), join(TOP, "README.md")].map((file) =>
    readFileSync(file, "utf8"),
  );
  for (const text of texts) {
    expect(text).not.toContain("actions/cache@");
    const saves = [...text.matchAll(/if: (.*)\n\s*uses: actions\/cache\/save@/g)].map(([, when]) => when);
    expect(saves).toHaveLength(text.split("actions/cache/restore@").length - 1);
    for (const when of saves) expect(when).toContain("!cancelled()");
  }
  expect(texts.filter((text) => text.includes("actions/cache/save@"))).toHaveLength(3);
});
