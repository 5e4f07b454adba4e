import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";

/**
 * Removes a folder of ours and what is in it. What an aborted test left mounted there is unmounted first: behind it may lie
 * this machine's own folders, so that nothing is removed while one is left.
 */
export function removeFolder(folder: string): void {
  for (const mount of mountsBelow(folder).toReversed()) spawnSync("umount", ["--lazy", mount]);
  if (mountsBelow(folder).length > 0) return;
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}

/** Source: proc(5), /proc/PID/mountinfo: the fifth field is the mount point. */
function mountsBelow(folder: string): readonly string[] {
  const table = "/proc/self/mountinfo";
  if (!existsSync(table)) return [];
  return readFileSync(table, "utf8")
    .split("\n")
    .map((line) => (line.split(" ")[4] ?? "").replace(/\\(\d{3})/g, (_all, octal: string) => byte(octal)))
    .filter((mount) => mount.startsWith(`${folder}/`));
}

function byte(octal: string): string {
  return String.fromCharCode(Number.parseInt(octal, 8));
}
