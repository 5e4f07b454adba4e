/** Writes the published JSON Schemas from the zod schemas that files are read with. */
import { mkdir, writeFile } from "node:fs/promises";
import { policyJsonSchema } from "../src/policy/document/schema.ts";
import { reportJsonSchema } from "../src/report/stored/schema.ts";

const schemas = {
  "sixray-policy.schema.json": policyJsonSchema(),
  "sixray-report-1.schema.json": reportJsonSchema(),
};
await mkdir("schema", { recursive: true });
for (const [name, schema] of Object.entries(schemas))
  await writeFile(`schema/${name}`, `${JSON.stringify(schema, null, 2)}\n`);
