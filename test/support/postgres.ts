import { type ChildProcess, spawn } from "node:child_process";
import { chownSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { missing, run, scratch } from "./images.ts";

/** A Postgres of this machine (Debian's), in a folder of its own. */
export interface Postgres {
  /** Of a database that is there. */
  readonly url: string;
  /** Takes it away at once, as a crash would. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** A new database beside the others. */
  create(name: string): string;
}

const VERSIONS = "/usr/lib/postgresql";
/** Postgres refuses to run as root. */
const USER = "nobody";

function binaries(): string | undefined {
  const versions = existsSync(VERSIONS) ? readdirSync(VERSIONS).filter((name) => /^\d+$/.test(name)) : [];
  const newest = versions.toSorted((a, b) => Number(b) - Number(a))[0];
  return newest === undefined ? undefined : join(VERSIONS, newest, "bin");
}

/** Why there is none, or undefined. As `missing`. */
export function noPostgres(): string | undefined {
  return binaries() === undefined ? missing("postgresql") : undefined;
}

export async function postgres(): Promise<Postgres> {
  const bin = binaries();
  if (bin === undefined) throw new Error("no Postgres here");
  const folder = scratch("postgres");
  const data = join(folder, "data");
  mkdirSync(data, { mode: 0o700 });
  const who = identity();
  for (const path of [folder, data]) if (who) chownSync(path, who.uid, who.gid);
  run(
    "setpriv",
    as(who, [join(bin, "initdb"), "-D", data, "-A", "trust", "-U", "sixray", "-E", "UTF8", "-N"]),
  );
  const port = await freePort();
  let server: ChildProcess | undefined;
  const psql = (...args: readonly string[]): void => {
    run("psql", ["-h", "127.0.0.1", "-p", String(port), "-U", "sixray", "-d", "postgres", "-q", ...args]);
  };
  const start = async (): Promise<void> => {
    const settings = ["-h", "127.0.0.1", "-p", String(port), "-k", folder, "-c", "fsync=off"];
    const started = spawn("setpriv", as(who, [join(bin, "postgres"), "-D", data, ...settings]), {
      stdio: "ignore",
    });
    server = started;
    for (let attempt = 0; ; attempt++) {
      try {
        psql("-c", "select 1");
        return;
      } catch (error) {
        if (attempt > 100) throw error;
        await sleep(50);
      }
    }
  };
  const kill = async (): Promise<void> => {
    const one = server;
    if (!one || one.exitCode !== null) return;
    const gone = new Promise((resolve) => one.once("exit", resolve));
    // "Immediate shutdown": the children go, too.
    one.kill("SIGQUIT");
    await gone;
  };
  process.once("exit", () => void server?.kill("SIGQUIT"));
  await start();
  const urlOf = (name: string): string => `postgres://sixray@127.0.0.1:${port}/${name}`;
  return {
    url: urlOf("postgres"),
    kill,
    start,
    create(name) {
      psql("-c", `create database "${name}"`);
      return urlOf(name);
    },
  };
}

interface Identity {
  readonly uid: number;
  readonly gid: number;
}

function identity(): Identity | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string): number => Number(run("id", [flag, USER]).toString());
  return { uid: id("-u"), gid: id("-g") };
}

function as(who: Identity | undefined, command: readonly string[]): readonly string[] {
  if (!who) return ["--", ...command];
  return [`--reuid=${who.uid}`, `--regid=${who.gid}`, "--clear-groups", "--", ...command];
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return typeof address === "object" && address ? address.port : 0;
}
