import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { Kysely, PGliteDialect, PostgresDialect, sql } from "kysely";
import pg from "pg";
import { describe, expect, test } from "vitest";
import { openEmbedded } from "../../src/ledger/embedded.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { migrate } from "../../src/ledger/migrate.ts";
import { MIGRATIONS } from "../../src/ledger/migrations/index.ts";
import { openPostgres } from "../../src/ledger/postgres.ts";
import { salvage } from "../../src/ledger/salvage.ts";
import type { Tables } from "../../src/ledger/tables.ts";
import { imageOf, KEY, newRun, scanned } from "../conformance/ledger.ts";
import { scratch } from "../support/images.ts";
import { noPostgres, postgres } from "../support/postgres.ts";

const ROWS = readFileSync(new URL("../fixtures/ledger/version-1.sql", import.meta.url), "utf8");

async function makeVersion1(dialect: PGliteDialect | PostgresDialect): Promise<void> {
  const db = new Kysely<Tables>({ dialect });
  await migrate(db, "fixture", "0001-images-and-scans");
  for (const statement of ROWS.replaceAll(/^--.*$/gm, "").split(/;\n/))
    if (statement.trim() !== "") await sql.raw(statement).execute(db);
  await db.destroy();
}

async function readAsToday(ledger: Ledger): Promise<void> {
  expect((await ledger.runs(10)).map(({ id, host, policyDocument }) => [id, host, policyDocument])).toEqual([
    ["run-2", "", ""],
    ["run-1", "", ""],
  ]);
  const known = await ledger.known(["c1", "c2"], KEY);
  expect([known.get("c1")?.verdict, known.get("c2")?.state]).toEqual(["pass", "on"]);
  expect((await ledger.result("c2", KEY))?.image.os.id).toBe("amzn");
  expect((await ledger.history("al2023", 5)).map(({ image }) => image.name)).toEqual([
    "al2023-2.qcow2",
    "al2023-1.qcow2",
  ]);
  const images = await Array.fromAsync(ledger.imagesOf("run-2"));
  expect(images.map(({ outcome }) => outcome)).toEqual(["known", "scanned", "failed"]);
  await ledger.startRun(newRun("run-3"));
  await ledger.record({ id: "run-3", ...KEY }, [scanned(imageOf("new"))]);
  expect(await ledger.finishRun("run-3", { enumerated: 1, exitCode: 0 })).toMatchObject({ scanned: 1 });
  const lines = await Array.fromAsync(ledger.export());
  expect(await ledger.import(feed(lines))).toEqual({ added: 0, there: lines.length - 1, orphans: 0 });
  await ledger.close();
}

async function* feed(lines: readonly string[]): AsyncGenerator<string> {
  yield* lines;
}

test("an embedded ledger of version 1 goes on", async () => {
  const folder = join(scratch("older"), "ledger");
  await makeVersion1(new PGliteDialect({ pglite: new PGlite(folder) }));
  await readAsToday(await openEmbedded(folder, { create: false }));
});

test("what can be read of a damaged one that an older sixray wrote is read", async () => {
  const folder = join(scratch("older-damaged"), "ledger");
  await makeVersion1(new PGliteDialect({ pglite: new PGlite(folder) }));
  const lines: string[] = [];
  const { rows, unreadable } = await salvage(folder, async (line) => void lines.push(line));
  expect({ rows, unreadable }).toEqual({ rows: lines.length - 1, unreadable: 0 });
  const fresh = await openEmbedded(`${folder}-fresh`, { create: true });
  expect(await fresh.import(feed(lines))).toEqual({ added: rows, there: 0, orphans: 0 });
  expect((await fresh.runs(10)).map(({ id }) => id)).toEqual(["run-2", "run-1"]);
  await fresh.close();
});

test("one that a newer sixray wrote is refused, and stays as it is", async () => {
  const folder = join(scratch("newer"), "ledger");
  await (await openEmbedded(folder, { create: true })).close();
  const pglite = new PGlite(folder);
  await pglite.query("insert into sixray.migrations values ('9999-tomorrow', '2030-01-01')");
  await pglite.close();
  await expect(openEmbedded(folder, { create: false })).rejects.toThrow(/written by a newer sixray/);
});

describe.skipIf(noPostgres())("Postgres", () => {
  test("a ledger of version 1 goes on, and eight that open it at once bring it up to date once", async () => {
    const server = await postgres();
    const url = server.create("older");
    await makeVersion1(new PostgresDialect({ pool: new pg.Pool({ connectionString: url }) }));
    const all = await Promise.all(Array.from({ length: 8 }, () => openPostgres(url)));
    const [first, ...others] = all;
    await Promise.all(others.map((one) => one.close()));
    if (first) await readAsToday(first);
    const check = new pg.Client({ connectionString: url });
    await check.connect();
    const { rows } = await check.query("select name from sixray.migrations order by name");
    expect(rows.map(({ name }) => name)).toEqual(Object.keys(MIGRATIONS));
    await check.end();
  });
});
