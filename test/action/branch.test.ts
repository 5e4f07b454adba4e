import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { StateBranch } from "../../src/action/branch.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { openLedger } from "../../src/ledger/open.ts";
import { imageOf, KEY, newRun, scanned } from "../conformance/ledger.ts";
import { run, scratch } from "../support/images.ts";

const BRANCH = "sixray-state";

/** Three for all tests: making one takes longer than they do. */
let [one, other, reader]: readonly Ledger[] = [];

beforeAll(async () => {
  const made: Ledger[] = [];
  for (let i = 0; i < 3; i++)
    made.push(await openLedger({ folder: join(scratch("ledger"), "ledger"), create: true }));
  [one, other, reader] = made;
}, 240_000);

afterAll(async () => {
  for (const ledger of [one, other, reader]) await ledger?.close();
});

function there(ledger: Ledger | undefined): Ledger {
  if (!ledger) throw new Error("not opened");
  return ledger;
}

/** A clone of a new remote. */
function repository(): { readonly folder: string; readonly remote: string } {
  const [folder, remote] = [scratch("clone"), scratch("remote")];
  run("git", ["init", "-q", "--bare", remote]);
  run("git", ["init", "-q"], { cwd: folder });
  run("git", ["remote", "add", "origin", remote], { cwd: folder });
  return { folder, remote };
}

async function record(ledger: Ledger, name: string): Promise<void> {
  await ledger.startRun(newRun(name));
  await ledger.record({ id: name, ...KEY }, [scanned(imageOf(name))]);
}

async function runsOn(branch: StateBranch): Promise<readonly string[]> {
  await branch.pull(there(reader));
  return (await there(reader).runs(10)).map(({ id }) => id).toSorted();
}

test("two runs that meet on the branch keep each other's rows", async () => {
  const { folder } = repository();
  const [a, b] = [there(one), there(other)];
  const [first, second] = [new StateBranch(BRANCH, folder), new StateBranch(BRANCH, folder)];
  await first.pull(a);
  await second.pull(b);
  await record(a, "run-a");
  await record(b, "run-b");
  await first.push(a);
  await second.push(b);
  expect(await runsOn(new StateBranch(BRANCH, folder))).toEqual(["run-a", "run-b"]);
  // And once more, from a branch that is there.
  await record(a, "run-c");
  await first.push(a);
  expect(await runsOn(new StateBranch(BRANCH, folder))).toEqual(["run-a", "run-b", "run-c"]);
}, 120_000);

test("a remote that cannot be asked is no empty branch", async () => {
  const { folder, remote } = repository();
  rmSync(remote, { recursive: true });
  await expect(new StateBranch(BRANCH, folder).pull(there(reader))).rejects.toMatchObject({
    code: "access",
    message: expect.stringMatching(/^looking for the branch sixray-state failed: /),
  });
}, 60_000);

test.each([
  ["no gzip", "x"],
  ["nothing", ""],
])(
  "a state that is %s says so, and how to start over",
  async (_, content) => {
    const { folder } = repository();
    const git = (args: readonly string[], input?: string): string =>
      run("git", args, { cwd: folder, ...(input === undefined ? {} : { input }) })
        .toString()
        .trim();
    const blob = git(["hash-object", "-w", "--stdin"], content);
    const tree = git(["mktree"], `100644 blob ${blob}\tledger.ndjson.gz\n`);
    const commit = git(["-c", "user.name=x", "-c", "user.email=x@x", "commit-tree", tree, "-m", "x"]);
    git(["push", "-q", "origin", `${commit}:refs/heads/${BRANCH}`]);
    await expect(new StateBranch(BRANCH, folder).pull(there(reader))).rejects.toMatchObject({
      code: "corrupt",
      message: expect.stringContaining("Delete the branch to start over"),
    });
  },
  60_000,
);

test("a name that git would take for an option is refused", () => {
  for (const name of ["--upload-pack=x", "a..b", "", "a b", "a:b"])
    expect(() => new StateBranch(name)).toThrow(/no name of a branch/);
});
