import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { plant } from "../../oracle/plant.ts";
import { run } from "../../support/images.ts";
import type { FlatFiles } from "../../support/machine.ts";

/** What the card is called in the container. */
export const NIC = "ens5";
/** What a .link file may make of that. */
export const RENAMED = "lan5";
/** disable_ipv6 by interface. */
export type Switches = Readonly<Record<string, number>>;

/** What systemd-networkd makes of the card: a bridge, a bond. */
export const ABOVE = "own0";
const INTERFACES = ["all", "default", "lo", NIC, RENAMED, ABOVE];
const BOOT_SECONDS = 40;
/** systemd-networkd and NetworkManager go on when the system says that it runs. */
const SETTLE_MS = 3000;

/** A root with files of a case over it; the root itself stays as it is. */
export interface Overlay {
  readonly folder: string;
  remove(): void;
}

export function overlay(
  root: string,
  files: FlatFiles,
  scratch: string,
  without: readonly string[] = [],
): Overlay {
  const [upper, work, folder] = ["upper", "work", "merged"].map((name) => join(scratch, name));
  if (upper === undefined || work === undefined || folder === undefined) throw new Error("no folders");
  for (const one of [upper, work, folder]) mkdirSync(one, { recursive: true });
  run("mount", [
    "-t",
    "overlay",
    "overlay",
    "-o",
    `lowerdir=${root},upperdir=${upper},workdir=${work}`,
    folder,
  ]);
  const remove = (): void => {
    spawnSync("umount", ["--lazy", folder]);
    rmSync(scratch, { recursive: true, force: true });
  };
  try {
    for (const path of [...without, ...Object.keys(files)]) rmSync(join(folder, path), { force: true });
    plant(folder, files);
  } catch (error) {
    remove();
    throw error;
  }
  return { folder, remove };
}

/** Hybrid and unified hierarchies alike: each container needs a group of its own. */
const START = `
set -e
for top in /sys/fs/cgroup/systemd /sys/fs/cgroup/unified /sys/fs/cgroup; do
  [ -e $top/cgroup.procs ] || continue
  mkdir -p $top/$1 && echo $$ > $top/$1/cgroup.procs
done
ip link set lo up
(for try in $(seq 100); do ip link set peer5 up 2>/dev/null && exit; sleep 0.1; done) &
# systemd-udevd only runs where it may write to /sys.
export SYSTEMD_NSPAWN_API_VFS_WRITABLE=yes
exec systemd-nspawn --quiet --directory="$2" --machine="$1" --private-network --network-veth-extra=peer5:${NIC} \\
  --boot --register=no --keep-unit --link-journal=no --console=pipe systemd.show_status=0
`;

export interface BootOptions {
  /** Run by its shell at the end, for whoever watches. */
  readonly command?: string | undefined;
  /** Units hang on what udev finds. */
  readonly waitsForDevices?: boolean;
}

/**
 * Boots the folder with its own systemd in a container whose network is its own, and says what it shows once it is up;
 * undefined: it did not come up. The kernel is this machine's. Needs root and systemd-nspawn.
 */
export async function bootContainer(
  folder: string,
  name: string,
  { command, waitsForDevices = false }: BootOptions = {},
): Promise<Switches | undefined> {
  const child = spawn("unshare", ["-n", "bash", "-c", START, "bash", name, folder], { stdio: "ignore" });
  try {
    const leader = await leaderOf(child);
    if (leader === undefined) return undefined;
    if (waitsForDevices) showDevices(leader);
    await untilUp(leader);
    await sleep(SETTLE_MS);
    const found = switches(leader);
    if (command !== undefined)
      spawnSync("nsenter", ["-t", leader, "-a", "sh", "-c", command], { stdio: "inherit" });
    return found;
  } finally {
    await stop(child, name);
  }
}

async function leaderOf(child: ChildProcess): Promise<string | undefined> {
  for (let tries = 0; tries < 100 && child.exitCode === null; tries++) {
    await sleep(100);
    const found = spawnSync("pgrep", ["-P", String(child.pid), "-x", "systemd|init"], { encoding: "utf8" });
    const pid = found.stdout.trim().split("\n")[0];
    if (pid) return pid;
  }
  return undefined;
}

/** In a container systemd does not hear udev; when it is loaded anew, it looks itself. */
function showDevices(leader: string): void {
  const script = "udevadm settle --timeout=5; sleep 0.5; systemctl daemon-reload";
  spawnSync("nsenter", ["-t", leader, "-a", "sh", "-c", `sleep 1; ${script}`], { timeout: 20_000 });
}

/** Also where a unit failed: then it is degraded. */
async function untilUp(leader: string): Promise<void> {
  const command = ["-t", leader, "-a", "systemctl", "is-system-running"];
  for (const end = Date.now() + BOOT_SECONDS * 1000; Date.now() < end; await sleep(300)) {
    const said = spawnSync("nsenter", command, { encoding: "utf8", timeout: 5000 }).stdout;
    if (/running|degraded/.test(said ?? "")) return;
  }
}

function switches(leader: string): Switches | undefined {
  const found: Record<string, number> = {};
  for (const one of INTERFACES) {
    const path = `/proc/sys/net/ipv6/conf/${one}/disable_ipv6`;
    const said = spawnSync("nsenter", ["-t", leader, "-n", "cat", path], { encoding: "utf8" });
    if (said.status === 0) found[one] = Number(said.stdout);
  }
  return (found[NIC] ?? found[RENAMED]) === undefined ? undefined : found;
}

async function stop(child: ChildProcess, name: string): Promise<void> {
  const gone = new Promise((resolve) => child.once("exit", resolve));
  for (let tries = 0; tries < 20 && child.exitCode === null && child.signalCode === null; tries++) {
    spawnSync("pkill", ["-KILL", "-P", String(child.pid)]);
    await Promise.race([gone, sleep(250)]);
  }
  child.kill("SIGKILL");
  // What was in the container takes a moment to go.
  await sleep(200);
  for (const top of ["/sys/fs/cgroup/systemd", "/sys/fs/cgroup/unified", "/sys/fs/cgroup"])
    spawnSync("find", [join(top, name), "-depth", "-type", "d", "-exec", "rmdir", "{}", ";"]);
}
