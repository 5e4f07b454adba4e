import type { Shell } from "../shell.ts";

/** The commands in the order that `--help` shows them. Only the one that was called is loaded. */
export const COMMANDS: ReadonlyMap<string, () => Promise<{ define(shell: Shell): void }>> = new Map([
  ["scan", () => import("./define/scan.ts")],
  ["extract", () => import("./define/extract.ts")],
  ["evaluate", () => import("./define/evaluate.ts")],
  ["diff", () => import("./define/diff.ts")],
  ["report", () => import("./define/report.ts")],
  ["attest", () => import("./define/attest.ts")],
  ["verify", () => import("./define/verify.ts")],
  ["watch", () => import("./define/watch.ts")],
  ["history", () => import("./define/history.ts")],
  ["runs", () => import("./define/runs.ts")],
  ["fleet", () => import("./define/fleet.ts")],
  ["worker", () => import("./define/worker.ts")],
  ["ledger", () => import("./define/ledger.ts")],
  ["merge", () => import("./define/merge.ts")],
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
