import { mkdirSync, readdirSync, readlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run, unmount } from "./images.ts";

/** Formats a file of `mebibytes` as XFS; mkfs.xfs makes ones below 300 MB only for tests, which the names set say. */
export function formatXfs(image: string, mebibytes: number, options: readonly string[]): void {
  writeFileSync(image, "");
  truncateSync(image, mebibytes << 20);
  run("mkfs.xfs", ["-q", "-f", "--unsupported", ...options, image], {
    env: { ...process.env, TEST_DIR: "x", TEST_DEV: "x", QA_CHECK_FS: "x" },
  });
}

/** Mounts an image for as long as `use` takes. */
export async function mounted<T>(
  image: string,
  use: (mount: string) => T | Promise<T>,
  options = "",
): Promise<T> {
  const mount = `${image}.mount`;
  mkdirSync(mount, { recursive: true });
  run("mount", ["-o", `loop${options}`, image, mount]);
  try {
    return await use(mount);
  } finally {
    unmount(mount);
  }
}

/** Whether the log is clean, as the tools of XFS see it. */
export function logIsClean(image: string): boolean {
  const state = /state: <(\w+)>/.exec(run("xfs_logprint", ["-t", image]).toString())?.[1];
  if (state === undefined) throw new Error(`xfs_logprint does not say the state of ${image}`);
  return state === "CLEAN";
}

/** Formats and fills in one step, without a mount. Names must not hold spaces. Source: mkfs.xfs(8), "-p". */
export function formatXfsFrom(
  image: string,
  mebibytes: number,
  options: readonly string[],
  folder: string,
): void {
  const lines = ["/dev/null", "0 0", "d--755 0 0"];
  const visit = (path: string): void => {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      const { name } = entry;
      const child = join(path, name);
      if (entry.isDirectory()) {
        lines.push(`${name} d--755 0 0`);
        visit(child);
      } else if (entry.isSymbolicLink()) lines.push(`${name} l--777 0 0 ${readlinkSync(child)}`);
      else lines.push(`${name} ---644 0 0 ${child}`);
    }
    lines.push("$");
  };
  visit(folder);
  const prototype = `${image}.proto`;
  writeFileSync(prototype, `${lines.join("\n")}\n`);
  formatXfs(image, mebibytes, ["-p", prototype, ...options]);
}
