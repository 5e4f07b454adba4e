import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const BIN = fileURLToPath(new URL("../../bin/sixray.js", import.meta.url));

export interface CliRun {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs `sixray` as a user would, in a process of its own. */
export function sixray(
  args: readonly string[],
  options: {
    readonly cwd?: string;
    readonly env?: NodeJS.ProcessEnv;
    readonly timeout?: number;
    readonly uid?: number;
  } = {},
): CliRun {
  const done = spawnSync(process.execPath, [BIN, ...args], {
    maxBuffer: 1 << 28,
    killSignal: "SIGKILL",
    ...options,
  });
  if (done.error) throw done.error;
  return { code: done.status, out: done.stdout.toString(), err: done.stderr.toString() };
}
