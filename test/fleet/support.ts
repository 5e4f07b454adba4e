import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import pg from "pg";
import type { FleetStatus } from "../../src/fleet/status.ts";

const BIN = fileURLToPath(new URL("../../bin/sixray.js", import.meta.url));

export interface Place {
  readonly url?: string;
  readonly state?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface LogLine {
  readonly event: string;
  /** ISO 8601 */
  readonly time: string;
  readonly run?: string;
  readonly image?: string;
  readonly attempt?: number;
  readonly outcome?: string;
}

export interface WorkerProcess {
  readonly child: ChildProcess;
  /** What it has said so far. */
  readonly lines: readonly LogLine[];
  readonly text: () => string;
  readonly ended: Promise<number | null>;
  /** Waits for a line, or for the end. */
  until(fits: (line: LogLine) => boolean): Promise<LogLine | undefined>;
}

function environment({ url, state, env }: Place): NodeJS.ProcessEnv {
  const { DATABASE_URL: _, SIXRAY_STATE: __, ...rest } = process.env;
  return {
    ...rest,
    NODE_NO_WARNINGS: "1",
    ...(url === undefined ? {} : { DATABASE_URL: url }),
    ...(state === undefined ? {} : { SIXRAY_STATE: state }),
    ...env,
  };
}

/** Runs a command to its end. */
export function sixray(
  place: Place,
  ...args: readonly string[]
): { readonly code: number | null; readonly out: string; readonly err: string } {
  const done = spawnSync(process.execPath, [BIN, ...args], {
    env: environment(place),
    maxBuffer: 1 << 28,
  });
  return { code: done.status, out: done.stdout.toString(), err: done.stderr.toString() };
}

export function enqueue(place: Place, ...args: readonly string[]): string {
  const { out, err, code } = sixray(place, "fleet", "enqueue", ...args, "--json");
  if (code !== 0) throw new Error(err);
  const told: { readonly run: string } = JSON.parse(out);
  return told.run;
}

export function status(place: Place, ...args: readonly string[]): FleetStatus {
  const { out, err } = sixray(place, "fleet", "status", ...args, "--json");
  if (out === "") throw new Error(err);
  const told: FleetStatus = JSON.parse(out);
  return told;
}

export function worker(place: Place, ...args: readonly string[]): WorkerProcess {
  const child = spawn(process.execPath, [BIN, "worker", ...args], {
    env: environment(place),
    stdio: ["ignore", "ignore", "pipe"],
  });
  let text = "";
  let rest = "";
  const lines: LogLine[] = [];
  child.stderr.on("data", (chunk: Buffer) => {
    text += chunk.toString();
    const parts = (rest + chunk.toString()).split("\n");
    rest = parts.pop() ?? "";
    for (const part of parts) if (part.startsWith("{")) lines.push(JSON.parse(part));
  });
  const ended = once(child, "close").then(([code]: unknown[]) => (typeof code === "number" ? code : null));
  let over = false;
  void ended.then(() => {
    over = true;
  });
  return {
    child,
    lines,
    text: () => text,
    ended,
    async until(fits) {
      for (;;) {
        const found = lines.find(fits);
        if (found || over) return found;
        await sleep(20);
      }
    },
  };
}

/** Without the pauses between the tries of a scan, and with one try less than many. */
export async function impatient(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(
    "update sixray_queue.queue set retry_delay = 0, retry_limit = 1, retry_backoff = false where name = 'scan'",
  );
  await client.end();
}
