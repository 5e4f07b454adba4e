import type { Shell } from "../shell.ts";

/** The commands in the order that `--help` shows them. Only the one that was called is loaded. */
export const COMMANDS: ReadonlyMap<string, () => Promise<{ define(shell: Shell): void }>> = new Map([
  ["scan", () => import("./define/scan.ts")],
  ["explain", () => import("./define/explain.ts")],
  ["inspect", () => import("./define/inspect.ts")],
  ["list", () => import("./define/list.ts")],
  ["ls", () => import("./define/ls.ts")],
  ["cat", () => import("./define/cat.ts")],
  ["review", () => import("./define/review.ts")],
  ["policy", () => import("./define/policy.ts")],
  ["rules", () => import("./define/rules.ts")],
  ["doctor", () => import("./define/doctor.ts")],
  ["sweep", () => import("./define/sweep.ts")],
]);
