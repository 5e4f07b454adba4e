import { existsSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Root folders of distributions, by release name, for tests against the programs of other versions; `host` is this
 * machine. Others lie in the folder SIXRAY_ROOTS (default: sixray-roots in the temporary folder) and count only
 * with ORACLES=all: they take minutes.
 */
export function oracleRoots(program: string): readonly (readonly [name: string, root: string])[] {
  const folder = process.env.SIXRAY_ROOTS ?? join(tmpdir(), "sixray-roots");
  const names = process.env.ORACLES === "all" && existsSync(folder) ? readdirSync(folder) : [];
  const roots = names
    .filter((name) => /^[a-z]+$/.test(name))
    .map((name) => [name, join(folder, name)] as const);
  const here = [["host", "/"] as const, ...roots];
  return here.filter(([, root]) => ["", "/usr"].some((top) => existsSync(join(root, top, program))));
}
