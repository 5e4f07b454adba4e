import { type SpawnSyncReturns, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { PassThrough, Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import { errorLine, ScanError } from "../errors.ts";
import type { Ledger } from "../ledger/ledger.ts";

const FILE = "ledger.ndjson.gz";
const ATTEMPTS = 5;
/** Of `git ls-remote --exit-code`: the remote answered, and has no such branch. (git-ls-remote(1)) */
const NONE = 2;

/** The ledger of a step, kept on a branch of the repository in `folder`. */
export class StateBranch {
  readonly #branch: string;
  readonly #folder: string;
  /** The commit whose rows the ledger has; empty before there is one. */
  #seen = "";

  /** @throws usage */
  constructor(branch: string, folder = ".") {
    if (!/^[A-Za-z0-9][\w./-]{0,200}$/.test(branch) || branch.includes(".."))
      throw new ScanError("usage", `state: ${branch} is no name of a branch`);
    this.#branch = branch;
    this.#folder = folder;
  }

  /** Reads what the last run left. One that is not there yet is empty. @throws access, corrupt */
  async pull(ledger: Ledger): Promise<void> {
    const listed = this.#git(["ls-remote", "--exit-code", "origin", `refs/heads/${this.#branch}`]);
    if (listed.status === NONE) {
      this.#seen = "";
      return;
    }
    // Anything else is not "empty": a state taken for lost would be written over.
    if (listed.status !== 0) throw failed(`looking for the branch ${this.#branch}`, listed.stderr);
    const fetched = this.#git(["fetch", "--no-tags", "--depth=1", "origin", `refs/heads/${this.#branch}`]);
    if (fetched.status !== 0) throw failed(`fetching the branch ${this.#branch}`, fetched.stderr);
    const commit = this.#must(["rev-parse", "FETCH_HEAD"]);
    await this.#import(commit, ledger);
    this.#seen = commit;
  }

  /**
   * Writes the ledger there, as the branch's only commit: a state has no history worth keeping. What another run wrote
   * meanwhile is taken in first. @throws access
   */
  async push(ledger: Ledger): Promise<void> {
    const ref = `refs/heads/${this.#branch}`;
    for (let attempt = 1; ; attempt++) {
      const commit = await this.#commit(ledger);
      const pushed = this.#git([
        "push",
        `--force-with-lease=${ref}:${this.#seen}`,
        "origin",
        `${commit}:${ref}`,
      ]);
      if (pushed.status === 0) {
        this.#seen = commit;
        return;
      }
      if (attempt === ATTEMPTS)
        throw failed(`pushing the branch ${this.#branch} (permissions: contents: write)`, pushed.stderr);
      await this.pull(ledger);
    }
  }

  /** Row by row: a ledger is larger than a text can be. */
  async #import(commit: string, ledger: Ledger): Promise<void> {
    const shown = spawn("git", ["cat-file", "blob", `${commit}:${FILE}`], {
      cwd: this.#folder,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const ended = once(shown, "close");
    let said = "";
    shown.stderr.on("data", (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-1000);
    });
    const text = new PassThrough();
    const unpacking = pipeline(shown.stdout, createGunzip(), text);
    try {
      await Promise.all([unpacking, ledger.import(createInterface({ input: text }))]);
    } catch (error) {
      text.destroy();
      await unpacking.catch(() => undefined);
      await ended;
      if (error instanceof ScanError && error.code !== "usage") throw error;
      const why = said.trim() === "" ? errorLine(error) : lastLine(said);
      throw new ScanError(
        "corrupt",
        `${FILE} of the branch ${this.#branch} cannot be read: ${why}. Delete the branch to start over: what it knew is found out again by scanning`,
        { cause: error },
      );
    }
  }

  async #commit(ledger: Ledger): Promise<string> {
    const folder = await mkdtemp(join(process.env.RUNNER_TEMP ?? tmpdir(), "sixray-state-"));
    try {
      const file = join(folder, FILE);
      await pipeline(Readable.from(ledger.export()), createGzip(), createWriteStream(file));
      const blob = this.#must(["hash-object", "-w", "--no-filters", file]);
      const tree = this.#must(["mktree"], `100644 blob ${blob}\t${FILE}\n`);
      const who = ["-c", "user.name=sixray", "-c", "user.email=sixray@users.noreply.github.com"];
      return this.#must([...who, "commit-tree", tree, "-m", "What sixray has seen"]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  #git(args: readonly string[], given?: string): SpawnSyncReturns<Buffer> {
    return spawnSync("git", args, {
      cwd: this.#folder,
      // Nobody is there to be asked for a password.
      env: { ...process.env, GIT_TERMINAL_PROMPT: "0" },
      ...(given === undefined ? {} : { input: given }),
    });
  }

  #must(args: readonly string[], given?: string): string {
    const done = this.#git(args, given);
    if (done.status !== 0)
      throw failed(`git ${args.find((one) => /^[a-z]+-?[a-z]+$/.test(one)) ?? ""}`, done.stderr);
    return done.stdout.toString().trim();
  }
}

function failed(what: string, said: Buffer | null): ScanError {
  return new ScanError("access", `${what} failed: ${lastLine((said ?? "").toString())}`);
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}
