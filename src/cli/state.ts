import { readFileSync } from "node:fs";
import { homedir, hostname, uptime } from "node:os";
import { join } from "node:path";
import type { Keeper } from "../../providers/lease/record.ts";

/** Where state is kept: as the user says, else by the XDG Base Directory Specification. */
export function stateFolder(named: string | undefined): string {
  const { SIXRAY_STATE, XDG_STATE_HOME } = process.env;
  return named ?? SIXRAY_STATE ?? join(XDG_STATE_HOME ?? join(homedir(), ".local", "state"), "sixray");
}

/** The journals of temporary resources, under the state folder. */
export function leasesFolder(state: string): string {
  return join(state, "leases");
}

/** This process, as a keeper of a journal. */
export function keeperOf(run: string): Keeper {
  const since = new Date(Date.now() - process.uptime() * 1000).toISOString();
  return { run, pid: process.pid, host: hostname(), since };
}

/** Whether a keeper is still at work; undefined for one on another host, which cannot be told from here. */
export function isAlive({ pid, host, since }: Keeper): boolean | undefined {
  if (host !== hostname()) return undefined;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: there is one, of another user.
    if (!(error instanceof Error && "code" in error && error.code === "EPERM")) return false;
  }
  const started = startOf(pid);
  return started === undefined || Math.abs(started - Date.parse(since)) < SAME_START_MS;
}

/** Process ids come round again; two processes with one do not start this close together. */
const SAME_START_MS = 5000;

/** When a process started, in milliseconds since the epoch. Source: proc(5), /proc/PID/stat, field 22. */
function startOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const ticks = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]);
    return Number.isFinite(ticks)
      ? Date.now() - uptime() * 1000 + ticks * (1000 / TICKS_A_SECOND)
      : undefined;
  } catch {
    return undefined;
  }
}

/** USER_HZ: 100 on every architecture that Node runs on. */
const TICKS_A_SECOND = 100;
