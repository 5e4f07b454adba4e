import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { gunzipSync, gzipSync } from "node:zlib";
import { ScanError } from "../errors.ts";
import type { Ledger } from "../ledger/ledger.ts";

const FILE = "ledger.ndjson.gz";
const ATTEMPTS = 3;

/** Reads the ledger that the last run left on a branch. One that is not there yet is empty. */
export async function pull(branch: string, ledger: Ledger): Promise<void> {
  check(branch);
  if (git(["ls-remote", "--exit-code", "origin", `refs/heads/${branch}`]).status !== 0) return;
  const fetched = git(["fetch", "--no-tags", "--depth=1", "origin", `refs/heads/${branch}`]);
  const shown = fetched.status === 0 ? git(["show", `FETCH_HEAD:${FILE}`]) : fetched;
  if (shown.status !== 0) throw failed(`reading ${FILE} of the branch ${branch}`, shown.stderr);
  await ledger.import(lines(gunzipSync(shown.stdout).toString()));
}

/** Writes it there, as the branch's only commit: a state has no history worth keeping. */
export async function push(branch: string, ledger: Ledger): Promise<void> {
  check(branch);
  const rows = await Array.fromAsync(ledger.export());
  const blob = must(["hash-object", "-w", "--stdin"], gzipSync(rows.join("")));
  const tree = must(["mktree"], `100644 blob ${blob}\t${FILE}\n`);
  const who = ["-c", "user.name=sixray", "-c", "user.email=sixray@users.noreply.github.com"];
  const commit = must([...who, "commit-tree", tree, "-m", "What sixray has seen"]);
  for (let attempt = 1; ; attempt++) {
    const pushed = git(["push", "--force", "origin", `${commit}:refs/heads/${branch}`]);
    if (pushed.status === 0) return;
    if (attempt === ATTEMPTS)
      throw failed(`pushing the branch ${branch} (permissions: contents: write)`, pushed.stderr);
  }
}

async function* lines(text: string): AsyncGenerator<string> {
  yield* text.split("\n");
}

function check(branch: string): void {
  if (!/^[A-Za-z0-9][\w./-]{0,200}$/.test(branch) || branch.includes(".."))
    throw new ScanError("usage", `state: ${branch} is no name of a branch`);
}

function git(args: readonly string[], given?: string | Buffer): SpawnSyncReturns<Buffer> {
  return spawnSync("git", args, { ...(given === undefined ? {} : { input: given }), maxBuffer: 1 << 30 });
}

function must(args: readonly string[], given?: string | Buffer): string {
  const done = git(args, given);
  if (done.status !== 0) throw failed(`git ${args[0] ?? ""}`, done.stderr);
  return done.stdout.toString().trim();
}

function failed(what: string, said: Buffer | string | null): ScanError {
  return new ScanError(
    "access",
    `${what} failed: ${(said ?? "").toString().trim().split("\n").at(-1) ?? ""}`,
  );
}
