import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const SHARED = fileURLToPath(new URL("../../../shared/", import.meta.url));

const scratches: string[] = [];

/** A folder that is removed when the test process exits. */
export function scratch(prefix: string): string {
  const folder = mkdtempSync(join(tmpdir(), `sixray-${prefix}-`));
  if (scratches.length === 0)
    process.on("exit", () => {
      for (const one of scratches) rmSync(one, { recursive: true, force: true });
    });
  scratches.push(folder);
  return folder;
}

/** Runs a program to its end; throws with its stderr when it fails. Returns stdout. */
export function run(
  program: string,
  args: readonly string[],
  options: { input?: string | Uint8Array; cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Buffer {
  const done = spawnSync(program, args, { maxBuffer: 1 << 30, ...options });
  if (done.error) throw done.error;
  if (done.status !== 0)
    throw new Error(`${program} ${args.join(" ")}: exit ${done.status}\n${done.stderr.toString()}`);
  return done.stdout;
}

/**
 * Unmounts what `mount -o loop` mounted and waits until it is written out: a test beside this one that makes a mount
 * namespace takes a copy of every mount there is, and the file system lives until that lets go of it, too.
 */
export function unmount(folder: string): void {
  const device = run("findmnt", ["-n", "-o", "SOURCE", folder]).toString().trim();
  const backing = (): string =>
    spawnSync("losetup", ["-n", "-O", "BACK-FILE", device]).stdout.toString().trim();
  const file = backing();
  run("umount", [folder]);
  for (let tries = 0; file !== "" && backing() === file; tries++) {
    if (tries > 3000) throw new Error(`${folder} is unmounted, but ${device} is still in use`);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
  }
}

function onPath(program: string): boolean {
  return ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"].some((dir) =>
    existsSync(join(dir, program)),
  );
}

/**
 * Why an oracle test cannot run here, or undefined when it can. With REQUIRE_ORACLES=1 a missing program is
 * an error, so that CI never skips silently. Use: `const why = missing("mkfs.ext4", "root"); test.skipIf(why)(...)`.
 */
export function missing(...needs: readonly string[]): string | undefined {
  const lacking = needs.filter((need) => (need === "root" ? process.getuid?.() !== 0 : !onPath(need)));
  if (lacking.length === 0) return undefined;
  const why = `needs ${lacking.join(", ")}`;
  if (process.env.REQUIRE_ORACLES === "1") throw new Error(`REQUIRE_ORACLES=1, but this test ${why}`);
  console.warn(`oracle skipped: ${why}`);
  return why;
}

/** The folder of third-party images and its manifest, when it stands beside the project. */
export function corpusArchive(): { archive: string; manifest: string } | undefined {
  const archive = join(SHARED, "corpus/corpus.tar.zst");
  return existsSync(archive) ? { archive, manifest: join(SHARED, "corpus/MANIFEST.json") } : undefined;
}
