import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { ImageProvider, ProviderEntry } from "../../providers/contract.ts";
import { file } from "../../providers/file/index.ts";
import { ScanError } from "../../src/errors.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { openLedger } from "../../src/ledger/open.ts";
import { imageOf, KEY, newRun, scanned } from "../conformance/ledger.ts";
import { scratch } from "../support/images.ts";
import { type Outcome, sixrayHere } from "../support/in-process.ts";

/* What no round of watch may pass: nothing to look at, a listing that broke off, an option that says nothing. */

const FIXTURES = fileURLToPath(new URL("../fixtures/images/", import.meta.url));

/** One for all tests: making one takes longer than they do. */
const state = scratch("gates");

function watchHere(args: readonly string[], providers?: readonly ProviderEntry[]): Promise<Outcome> {
  return sixrayHere(["watch", "--quiet", "--state", state, ...args], providers ? { providers } : {});
}

async function inLedger<T>(use: (ledger: Ledger) => Promise<T>): Promise<T> {
  const ledger = await openLedger({ folder: join(state, "ledger") });
  try {
    return await use(ledger);
  } finally {
    await ledger.close();
  }
}

/** Lists so many images that pass, then breaks off. */
function breaksOff(count: number): ProviderEntry {
  const provider: ImageProvider = {
    ...file,
    async *list(target) {
      for (let i = 0; i < count; i++) yield { provider: "file", id: `${i}`, name: `${i}`, family: "f" };
      throw new ScanError("transient", "throttled", { at: [target] });
    },
    open: (_, context) =>
      file.open(
        { provider: "file", id: join(FIXTURES, "off-sysctl.qcow2"), name: "x", family: "f" },
        context,
      ),
    mark: async ({ id }) => id,
  };
  return { id: "file", takes: () => true, load: async () => provider };
}

test("a listing that breaks off fails every shard, and the shards still merge", async () => {
  const parts: string[] = [];
  for (const shard of ["1/2", "2/2"]) {
    const { code, out } = await watchHere(["all", "--shard", shard], [breaksOff(6)]);
    expect(code).toBe(3);
    expect(out).toContain("unreadable: all: transient: throttled");
    const part = join(state, `${shard.replace("/", "-")}.json`);
    expect((await sixrayHere(["report", "latest", "--state", state, "-f", "json", "-o", part])).code).toBe(0);
    parts.push(part);
  }
  expect(await sixrayHere(["merge", ...parts, "--parts", "3"])).toMatchObject({
    code: 2,
    err: expect.stringContaining("2 reports, and --parts says 3"),
  });
  // A part that never ended is not passed over, whether it is counted or not.
  expect(await sixrayHere(["merge", ...parts.slice(1)])).toMatchObject({
    code: 2,
    err: expect.stringContaining("part 1/2 is not among the reports"),
  });
  const merged = await sixrayHere(["merge", ...parts, "--parts", "2", "-f", "csv"]);
  expect(merged.code).toBe(3);
  expect(merged.out.trim().split("\n").length).toBeGreaterThan(7);
});

test("a round in which nothing is left to look at has not passed", async () => {
  const image = join(FIXTURES, "off-sysctl.qcow2");
  expect(await watchHere([image, "--name", "other*"])).toMatchObject({
    code: 2,
    err: expect.stringContaining("is left by --name"),
  });
  await inLedger(async (ledger) => {
    expect(await ledger.runs(1)).toMatchObject([{ enumerated: 0, exitCode: 2 }]);
  });
  // A part may well be empty.
  for (const shard of ["1/2", "2/2"]) expect((await watchHere([image, "--shard", shard])).code).toBe(0);
});

test("an empty --fail-on, of a variable that is not set, is not never", async () => {
  const image = join(FIXTURES, "on.qcow2");
  for (const words of ["", " ", "drift,"])
    expect(await watchHere([image, "--fail-on", words])).toMatchObject({ code: 2 });
  expect(await watchHere([image, "--fail-on", "drift"])).toMatchObject({ code: 0 });
});

test("a webhook that is no address is told before anything is scanned", async () => {
  for (const address of ["", "ftp://example.org/", "hook", "https://me:SIGNED@example.org/"]) {
    const told = await watchHere([join(FIXTURES, "on.qcow2"), "--webhook", address]);
    expect(told).toMatchObject({ code: 2, out: "", err: expect.stringContaining("--webhook takes") });
    expect(told.err).not.toContain("SIGNED");
  }
});

test("a signed address is kept nowhere with its signature", async () => {
  const signed = ["x.qcow2", "SHA256SUMS", ""].map((name) => `http://127.0.0.1:9/${name}?sig=SIGNED`);
  const told = await watchHere(signed);
  expect(told.code).toBe(3);
  const refused = await watchHere(["http://user:SIGNED@127.0.0.1:9/x"]);
  const rows = await inLedger((ledger) => Array.fromAsync(ledger.export()));
  expect(rows.join("")).toContain("http://127.0.0.1:9/SHA256SUMS");
  for (const text of [told.out, told.err, refused.out, refused.err, ...rows])
    expect(text).not.toContain("SIGNED");
}, 60_000);

test("the report of a run that was killed is not one of a run that passed", async () => {
  const [killed, ended] = ["20261124T100000Z-aaaaaa", "20261124T100000Z-bbbbbb"];
  const watched = await watchHere([join(FIXTURES, "off-sysctl.qcow2")]);
  expect(watched.code).toBe(0);
  await inLedger(async (ledger) => {
    for (const id of [killed, ended]) {
      await ledger.startRun(newRun(id));
      await ledger.record({ id, ...KEY }, [scanned(imageOf(id))]);
    }
    await ledger.finishRun(ended, { enumerated: 1, exitCode: 0 });
  });
  const report = (id: string) => sixrayHere(["report", id, "--state", state, "--exit-code", "-f", "csv"]);
  expect(await report(ended)).toMatchObject({ code: 0 });
  expect(await report(killed)).toMatchObject({
    code: 3,
    out: expect.stringContaining("the run has not come to its end"),
  });
});

test("an export that does not fit is an error with a name", async () => {
  expect(await sixrayHere(["ledger", "export", "--state", state, "-o", "/dev/full"])).toMatchObject({
    code: 2,
    err: "sixray: usage: cannot write /dev/full: ENOSPC: no space left on device, write\n",
  });
});
