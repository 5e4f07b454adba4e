import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { noPostgres, postgres } from "../support/postgres.ts";
import { enqueue, sixray } from "./support.ts";

const FOLDER = fileURLToPath(new URL("../../docs/fleet/", import.meta.url));

function documents(name: string): readonly unknown[] {
  return parseAllDocuments(readFileSync(FOLDER + name, "utf8")).map((one) => {
    expect(one.errors).toEqual([]);
    return one.toJS();
  });
}

/** Every list of words in a document that starts as a command of ours does. */
function commandsIn(value: unknown): readonly (readonly string[])[] {
  if (typeof value === "string") {
    const words = /^States\.Array\((.*)\)$/
      .exec(value)?.[1]
      ?.split(", ")
      .map((word) => word.replaceAll("'", ""));
    const shell = [...value.matchAll(/npx --yes sixray@0 (.+)/g)].map(([, line = ""]) => line.split(/\s+/));
    return [...(words ? [words] : []), ...shell];
  }
  if (typeof value !== "object" || value === null) return [];
  const words = z.array(z.string()).safeParse(value);
  if (words.success && ["fleet", "worker"].includes(words.data[0] ?? "")) return [words.data];
  return Object.values(value).flatMap(commandsIn);
}

test.each(["keda.yaml", "kubernetes.yaml", "github-matrix.yml", "step-functions.json", "ecs-task.json"])(
  "%s can be read, and what it calls is there",
  (name) => {
    const commands = documents(name).flatMap(commandsIn);
    if (name !== "ecs-task.json") expect(commands.length).toBeGreaterThan(0);
    for (const words of commands) {
      const [first = "", second = ""] = words;
      const named = first === "fleet" ? [first, second] : [first];
      const { out, code } = sixray({}, ...named, "--help");
      expect(code).toBe(0);
      for (const option of words.filter((word) => word.startsWith("--"))) expect(out).toContain(`${option} `);
    }
  },
);

const scaledJob = z.looseObject({
  kind: z.literal("ScaledJob"),
  // What KEDA's own definition (keda.sh/v1alpha1) knows, and nothing else.
  spec: z.strictObject({
    pollingInterval: z.number(),
    minReplicaCount: z.number(),
    maxReplicaCount: z.number(),
    successfulJobsHistoryLimit: z.number(),
    failedJobsHistoryLimit: z.number(),
    triggers: z.tuple([
      z.strictObject({
        type: z.literal("postgresql"),
        authenticationRef: z.strictObject({ name: z.string() }),
        metadata: z.strictObject({ query: z.string(), targetQueryValue: z.string() }),
      }),
    ]),
    jobTargetRef: z.looseObject({
      template: z.looseObject({ spec: z.looseObject({ terminationGracePeriodSeconds: z.number().min(30) }) }),
    }),
  }),
});

test.skipIf(noPostgres())("KEDA's query counts what waits", async () => {
  const { spec } = scaledJob.parse(documents("keda.yaml").at(-1));
  const server = await postgres();
  const place = { url: server.create("keda") };
  enqueue(place, "https://example.org/one.qcow2", "https://example.org/two.qcow2");
  const client = new pg.Client({ connectionString: place.url });
  await client.connect();
  const { rows } = await client.query(spec.triggers[0].metadata.query);
  await client.end();
  expect(rows).toEqual([{ count: "2" }]);
  await server.kill();
});
