import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { z } from "zod";

const answer = z.object({
  cases: z.number(),
  wrong: z.number(),
  unknown: z.record(z.string(), z.number()),
  seconds: z.number(),
  disagreements: z.array(z.unknown()),
});

/** What a worker found: cases tried, answers that are wrong, answers that are not told (by reason). */
export interface Told {
  readonly cases: number;
  readonly wrong: number;
  readonly unknown: number;
  readonly reasons: Readonly<Record<string, number>>;
  readonly seconds: number;
  readonly disagreements: readonly unknown[];
}

/** Runs `LAYER/worker.ts` in namespaces of its own, in front of a throw-away copy of `root`. */
export async function askNamespace(root: string, layer: string, args: readonly string[]): Promise<Told> {
  const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
  const command = [
    path("in-namespace.sh"),
    root,
    process.execPath,
    path(`${layer}/worker.ts`),
    "@ROOT@",
    ...args,
  ];
  const child = spawn("bash", command, { stdio: ["ignore", "pipe", "pipe"] });
  let out = "";
  let errors = "";
  child.stdout.on("data", (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const status = await new Promise((resolve, reject) => child.on("close", resolve).on("error", reject));
  if (status !== 0) throw new Error(`${layer} worker on ${root}: exit ${String(status)}\n${errors}`);
  const told = answer.parse(JSON.parse(out));
  const unknown = Object.values(told.unknown).reduce((sum, count) => sum + count, 0);
  return { ...told, unknown, reasons: told.unknown };
}
