import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { ScanError } from "../../src/errors.ts";
import { LeaseBook } from "./book.ts";
import { Holdings } from "./holdings.ts";
import { type Intent, type Keeper, type LeaseRecord, nameOf } from "./record.ts";
import type { Remover } from "./remover.ts";
import { type Swept, sweep } from "./sweep.ts";

const folders: string[] = [];
function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "sixray-leases-"));
  folders.push(folder);
  return folder;
}
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

const KEEPER: Keeper = { run: "run-1", pid: 4711, host: "here", since: "2026-11-25T00:00:00.000Z" };
const NOW = new Date("2026-11-25T12:00:00.000Z");

function newBook(folder: string): LeaseBook {
  return new LeaseBook(folder, KEEPER, () => NOW);
}

function intent(kind: string, name = `sixray-${kind}`): Intent {
  return { provider: "cloud", kind, scope: { region: "r1" }, name };
}

/** A cloud with things in it: what is removed, and in what order. */
function cloud(stuck: readonly string[] = []): Remover & { removed: string[]; things: LeaseRecord[] } {
  const things: LeaseRecord[] = [];
  const removed: string[] = [];
  return {
    provider: "cloud",
    things,
    removed,
    async remove(record) {
      if (stuck.includes(record.kind)) throw new Error("it is in use");
      removed.push(nameOf(record));
    },
    async *tagged() {
      yield* things;
    },
  };
}

async function swept(
  folder: string,
  remover: Remover,
  more: Partial<Parameters<typeof sweep>[0]> = {},
): Promise<Swept[]> {
  const all: Swept[] = [];
  for await (const one of sweep({
    folder,
    removerOf: async (id) => (id === "cloud" ? remover : undefined),
    isAlive: () => false,
    olderThanMs: 3_600_000,
    now: NOW,
    dryRun: false,
    ...more,
  }))
    all.push(one);
  return all;
}

test("what is about to be made is on the disk before it is made", async () => {
  const folder = newFolder();
  const book = newBook(folder);
  const held = new Holdings(book, cloud());
  let journal = "";
  await held.create(intent("snapshot"), async (tags) => {
    journal = readFileSync(join(folder, "run-1.ndjson"), "utf8");
    expect(tags["sixray:run"]).toBe("run-1");
    expect(journal).toContain(tags["sixray:lease"]);
    return "snap-1";
  });
  expect(journal.trim().split("\n")).toHaveLength(2);
  expect(held.created).toEqual(["snapshot snap-1 (r1)"]);
});

test("what was held is removed, the last first, and the journal goes with it", async () => {
  const folder = newFolder();
  const book = newBook(folder);
  const remover = cloud();
  const held = new Holdings(book, remover);
  await held.create(intent("image"), async () => "ami-1");
  await held.adopt(intent("snapshot"), "snap-1");
  await expect(
    held.create(intent("instance"), async () => {
      throw new Error("quota");
    }),
  ).rejects.toThrow("quota");
  await held.release();
  // The create call that failed may have made something all the same: it is looked for by name.
  expect(remover.removed).toEqual([
    "instance sixray-instance (r1)",
    "snapshot snap-1 (r1)",
    "image ami-1 (r1)",
  ]);
  await book.close();
  expect(book.left).toEqual([]);
  expect(readdirSync(folder)).toEqual([]);
});

test("one removal that fails does not keep the others, and is left with its reason", async () => {
  const folder = newFolder();
  const book = newBook(folder);
  const remover = cloud(["disk"]);
  const held = new Holdings(book, remover);
  await held.create(intent("snapshot"), async () => "snap-1");
  await held.create(intent("disk"), async () => "disk-1");
  await held.release();
  expect(remover.removed).toEqual(["snapshot snap-1 (r1)"]);
  expect(book.left.map(({ record, reason }) => [nameOf(record), reason])).toEqual([
    ["disk disk-1 (r1)", "it is in use"],
  ]);
  await book.close();
  const later = cloud();
  expect((await swept(folder, later)).map(({ outcome }) => outcome)).toEqual(["removed"]);
  expect(later.removed).toEqual(["disk disk-1 (r1)"]);
  expect(readdirSync(folder)).toEqual([]);
});

test("a sweep removes what a killed run left, with or without an id, and a torn line counts for nothing", async () => {
  const folder = newFolder();
  const held = new Holdings(newBook(folder), cloud());
  await held.create(intent("image"), async () => "ami-1");
  void held.create(intent("snapshot"), () => new Promise<string>(() => undefined));
  await expect
    .poll(() => readFileSync(join(folder, "run-1.ndjson"), "utf8").trim().split("\n").length)
    .toBe(4);
  appendFileSync(join(folder, "run-1.ndjson"), '{"op":"created","lea');
  const first = await swept(folder, cloud(["image"]));
  expect(first.map(({ outcome }) => outcome)).toEqual(["removed", "failed"]);
  const remover = cloud();
  expect((await swept(folder, remover, { dryRun: true })).map(({ outcome }) => outcome)).toEqual([
    "would remove",
  ]);
  await swept(folder, remover);
  expect(remover.removed).toEqual(["image ami-1 (r1)"]);
  expect(await swept(folder, remover)).toEqual([]);
});

test("what a run still at work holds is left to it", async () => {
  const folder = newFolder();
  const held = new Holdings(newBook(folder), cloud());
  await held.create(intent("image"), async () => "ami-1");
  const remover = cloud();
  const [one] = await swept(folder, remover, { isAlive: ({ pid }) => pid === KEEPER.pid });
  expect(one).toMatchObject({ outcome: "in use", reason: "by process 4711" });
  expect(remover.removed).toEqual([]);
});

test("what a run on another host holds is left to it until it is old", async () => {
  const folder = newFolder();
  const held = new Holdings(newBook(folder), cloud());
  await held.create(intent("image"), async () => "ami-1");
  const remover = cloud();
  const isAlive = (): undefined => undefined;
  const [young] = await swept(folder, remover, { isAlive });
  expect(young).toMatchObject({ outcome: "in use", reason: expect.stringContaining("4711 on here") });
  expect((await swept(folder, remover, { isAlive, olderThanMs: 0 })).map(({ outcome }) => outcome)).toEqual([
    "removed",
  ]);
  expect(readdirSync(folder)).toEqual([]);
});

test("by tag alone only what is old enough is removed, each thing once", async () => {
  const folder = newFolder();
  const held = new Holdings(newBook(folder), cloud());
  await held.create(intent("image"), async () => "ami-1");
  const base = { run: "elsewhere", provider: "cloud", kind: "disk", scope: {}, name: "" };
  const remover = cloud();
  remover.things.push(
    { ...base, lease: "old", at: "2026-11-24T12:00:00.000Z", resource: "disk-old" },
    { ...base, lease: "new", at: "2026-11-25T11:30:00.000Z", resource: "disk-new" },
    { ...base, lease: "odd", at: "yesterday", resource: "disk-odd" },
  );
  const all = await swept(folder, remover, { tagged: [{ provider: "cloud", where: [] }] });
  expect(all.map(({ record, outcome }) => [record.resource, outcome])).toEqual([
    ["ami-1", "removed"],
    ["disk-old", "removed"],
    ["disk-new", "too young"],
    ["disk-odd", "too young"],
  ]);
});

test("without a place for the journal nothing is made", async () => {
  const book = newBook("/dev/null/leases");
  const held = new Holdings(book, cloud());
  let made = false;
  await expect(
    held.create(intent("image"), async () => {
      made = true;
      return "ami-1";
    }),
  ).rejects.toThrow("cannot write the journal of temporary resources, so none is made");
  expect(made).toBe(false);
  await book.close();
});

test("a damaged journal is told with its line; nothing in it is taken for removed", async () => {
  const folder = newFolder();
  const held = new Holdings(newBook(folder), cloud());
  await held.create(intent("image"), async () => "ami-1");
  appendFileSync(join(folder, "run-1.ndjson"), "zzz\n");
  const remover = cloud();
  await expect(swept(folder, remover)).rejects.toThrow("line 4 is damaged");
  expect(remover.removed).toEqual([]);
});

test("a damaged journal does not keep the others, nor what is found by tag", async () => {
  const folder = newFolder();
  const held = new Holdings(newBook(folder), cloud());
  await held.create(intent("image"), async () => "ami-1");
  appendFileSync(join(folder, "a.ndjson"), "zzz\n");
  const remover = cloud();
  const base = { run: "elsewhere", provider: "cloud", kind: "disk", scope: {}, name: "" };
  remover.things.push({ ...base, lease: "old", at: "2026-11-24T12:00:00.000Z", resource: "disk-old" });
  const tagged = [{ provider: "cloud", where: [] }];
  await expect(swept(folder, remover, { tagged })).rejects.toThrow("line 1 is damaged");
  expect(remover.removed).toEqual(["image ami-1 (r1)", "disk disk-old"]);
});

test("a cloud that does not let us in keeps no other from being swept", async () => {
  const folder = newFolder();
  const book = newBook(folder);
  const held = new Holdings(book, cloud());
  await held.create(intent("image"), async () => "ami-1");
  await held.create({ ...intent("disk"), provider: "shut" }, async () => "disk-1");
  const remover = cloud();
  const base = { run: "elsewhere", provider: "cloud", kind: "disk", scope: {}, name: "" };
  remover.things.push({ ...base, lease: "old", at: "2026-11-24T12:00:00.000Z", resource: "disk-old" });
  const removerOf = async (id: string): Promise<Remover> => {
    if (id === "cloud") return remover;
    throw new ScanError("access", "no credentials");
  };
  const tagged = ["shut", "cloud"].map((provider) => ({ provider, where: [] }));
  await expect(swept(folder, remover, { removerOf, tagged })).rejects.toThrow("no credentials");
  expect(remover.removed).toEqual(["image ami-1 (r1)", "disk disk-old"]);
  expect(await swept(folder, remover, { removerOf })).toMatchObject([
    { outcome: "failed", reason: "disk disk-1 (r1): access: no credentials" },
  ]);
});

test("two sweeps at once: each ends well, and no journal comes back", async () => {
  const folder = newFolder();
  for (const run of ["run-1", "run-2"]) {
    const book = new LeaseBook(folder, { ...KEEPER, run }, () => NOW);
    await new Holdings(book, cloud()).create(intent("image"), async () => `ami of ${run}`);
    appendFileSync(join(folder, `${run}.ndjson`), '{"op":"cre');
  }
  const slow = cloud();
  slow.remove = async () => void (await swept(folder, cloud()));
  expect((await swept(folder, slow)).map(({ outcome }) => outcome)).toEqual(["removed", "removed"]);
  expect(readdirSync(folder)).toEqual([]);
});
