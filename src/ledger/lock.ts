import { randomBytes } from "node:crypto";
import { open, readdir, readFile, readlink, unlink } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { errorLine, ScanError } from "../errors.ts";

/**
 * Keeps a folder for one process. PGlite has no lock of its own and loses rows when two processes open a folder.
 *
 * Every holder makes a file of its own beside the folder (`ledger.lock-<pid>-<random>`, O_EXCL), then looks for
 * others. A name is never used twice, so a dead process's file can be removed by anybody at any time without taking
 * a living one's; and because the file is made before the look, of two that come at once at least one sees the other.
 */
export interface Lock {
  release(): Promise<void>;
}

/** Two that come at once both step back; they try again after a random while. */
const ATTEMPTS = 8;
const PAUSE_MS = 60;

const HOLDER = z.object({
  pid: z.int().positive(),
  host: z.string(),
  startedAt: z.string(),
  /** Linux: tells a process from a later one that was given the same id, and one machine's start from the next. */
  ticks: z.string().optional(),
  boot: z.string().optional(),
  /** Linux: ids of processes in another container say nothing here. */
  pids: z.string().optional(),
});
type Holder = z.infer<typeof HOLDER>;

/** @throws usage when another process has the folder, with its id, machine and start. */
export async function lockFolder(folder: string): Promise<Lock> {
  const me = await self();
  for (let attempt = 1; ; attempt++) {
    const mine = `${folder}.lock-${process.pid}-${randomBytes(6).toString("hex")}`;
    await writeLock(mine, me, folder);
    const other = await livingBeside(folder, mine, me).catch(async (error: unknown) => {
      await unlink(mine);
      throw error;
    });
    if (!other) return { release: () => remove(mine) };
    await remove(mine);
    if (attempt === ATTEMPTS) throw taken(folder, other, me);
    // Who has held it for long goes on holding it; only newcomers are worth waiting for.
    if (Date.now() - Date.parse(other.holder.startedAt) > ATTEMPTS * PAUSE_MS * 2)
      throw taken(folder, other, me);
    await sleep(PAUSE_MS * (0.5 + Math.random()));
  }
}

interface Found {
  readonly file: string;
  readonly holder: Holder;
}

async function livingBeside(folder: string, mine: string, me: Holder): Promise<Found | undefined> {
  const prefix = `${basename(folder)}.lock-`;
  const names = await readdir(dirname(folder));
  for (const name of names) {
    const file = join(dirname(folder), name);
    if (!name.startsWith(prefix) || file === mine) continue;
    const holder = await holderOf(file);
    if (!holder) continue;
    if (await isDead(holder, me)) await remove(file);
    else return { file, holder };
  }
  return undefined;
}

/** Undefined when the file is gone. One that was cut off while it was written still has the process in its name. */
async function holderOf(file: string): Promise<Holder | undefined> {
  for (let attempt = 1; ; attempt++) {
    let text: string;
    try {
      text = await readFile(file, "utf8");
    } catch {
      return undefined;
    }
    const read = HOLDER.safeParse(parse(text));
    if (read.success) return read.data;
    if (attempt === 5) break;
    await sleep(20);
  }
  const pid = Number(/\.lock-(\d+)-/.exec(file)?.[1]);
  return { pid: pid > 0 ? pid : 1, host: hostname(), startedAt: new Date(0).toISOString() };
}

function parse(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

/** True only when that is certain: another machine's, or another container's, processes cannot be seen from here. */
async function isDead(other: Holder, me: Holder): Promise<boolean> {
  if (other.host !== me.host) return false;
  if (other.boot !== undefined && me.boot !== undefined && other.boot !== me.boot) return true;
  if (other.pids !== undefined && other.pids !== me.pids) return false;
  try {
    process.kill(other.pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ESRCH";
  }
  const now = await statOf(other.pid);
  if (!now) return false;
  return now.state === "Z" || (other.ticks !== undefined && now.ticks !== other.ticks);
}

async function self(): Promise<Holder> {
  const [stat, boot, pids] = await Promise.all([
    statOf(process.pid),
    readFile("/proc/sys/kernel/random/boot_id", "utf8").catch(() => undefined),
    readlink("/proc/self/ns/pid").catch(() => undefined),
  ]);
  return {
    pid: process.pid,
    host: hostname(),
    startedAt: new Date().toISOString(),
    ...(stat ? { ticks: stat.ticks } : {}),
    ...(boot === undefined ? {} : { boot: boot.trim() }),
    ...(pids === undefined ? {} : { pids }),
  };
}

/** proc_pid_stat(5): the name, field 2, may hold spaces and brackets; state is field 3, starttime field 22. */
async function statOf(pid: number): Promise<{ readonly state: string; readonly ticks: string } | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const [state = "", ticks = ""] = [fields[0], fields[19]];
  return ticks === "" ? undefined : { state, ticks };
}

async function writeLock(file: string, me: Holder, folder: string): Promise<void> {
  try {
    const handle = await open(file, "wx", 0o644);
    try {
      await handle.write(JSON.stringify({ ...me, startedAt: new Date().toISOString() }));
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw new ScanError("usage", `cannot write beside the ledger ${folder}: ${errorLine(error)}`);
  }
}

async function remove(file: string): Promise<void> {
  await unlink(file).catch(() => undefined);
}

function taken(folder: string, { file, holder }: Found, me: Holder): ScanError {
  const { pid, host, startedAt, pids } = holder;
  // A container that was killed and started again has the host's name and other processes.
  const seen = host === me.host && (pids === undefined || pids === me.pids);
  return new ScanError(
    "usage",
    `the ledger ${folder} is in use by process ${pid} on ${host} since ${startedAt}: wait for it, give this run a ledger of its own with --state, or share a Postgres by DATABASE_URL${
      seen ? "" : ` (if that machine or container is gone, remove ${file})`
    }`,
  );
}
