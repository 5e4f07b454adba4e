/** Writes what is derived: the published JSON Schemas from those that files are read with, and the digests of policies. */
import { mkdir, writeFile } from "node:fs/promises";
import { policyDigest } from "../src/policy/digest.ts";
import { policyJsonSchema } from "../src/policy/document/schema.ts";
import { builtIn } from "../src/policy/templates/index.ts";
import { reportJsonSchema } from "../src/report/stored/schema.ts";

const schemas = {
  "sixray-policy.schema.json": policyJsonSchema(),
  "sixray-report-1.schema.json": reportJsonSchema(),
};
await mkdir("schema", { recursive: true });
for (const [name, schema] of Object.entries(schemas))
  await writeFile(`schema/${name}`, `${JSON.stringify(schema, null, 2)}\n`);

const digests = builtIn
  .map(
    (policy) =>
      `  ${/^\w+$/.test(policy.id) ? policy.id : JSON.stringify(policy.id)}: "${policyDigest(policy)}",\n`,
  )
  .join("");
await writeFile(
  "src/policy/templates/digests.ts",
  `/**
 * The digests of the policies that come with sixray, so that a scan need not load node:crypto for them (a tenth of its
 * start). Written by: npm run schema
 */
export const DIGESTS: Readonly<Record<string, string | undefined>> = {
${digests}};
`,
);
