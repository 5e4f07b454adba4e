/** Writes the JSON Schema of policy files from the zod schema they are read with. */
import { mkdir, writeFile } from "node:fs/promises";
import { policyJsonSchema } from "../src/policy/document/schema.ts";

await mkdir("schema", { recursive: true });
await writeFile("schema/sixray-policy.schema.json", `${JSON.stringify(policyJsonSchema(), null, 2)}\n`);
