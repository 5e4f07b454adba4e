import { chmod, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removeFolder } from "./remove.ts";

/**
 * One folder for all that tests put into the folder for temporary files, gone when the run ends, by Ctrl-C, too: images of
 * whole disks are among it. What outlives a run has to be named before (`SIXRAY_ROOTS`).
 */
export async function setup(): Promise<() => void> {
  const lasting = tmpdir();
  const root = await mkdtemp(join(lasting, "sixray-test-"));
  // Postgres runs as somebody else.
  await chmod(root, 0o755);
  process.env.SIXRAY_ROOTS ??= join(lasting, "sixray-roots");
  process.env.TMPDIR = root;
  const remove = (): void => removeFolder(root);
  process.once("exit", remove);
  return () => {
    process.off("exit", remove);
    process.env.TMPDIR = lasting;
    remove();
  };
}
