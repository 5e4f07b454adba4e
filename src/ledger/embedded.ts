import { randomBytes } from "node:crypto";
import { cp, readdir, readFile, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { setFlagsFromString } from "node:v8";
import type { PGlite } from "@electric-sql/pglite";
import { Kysely, PGliteDialect } from "kysely";
import { errorLine, ScanError } from "../errors.ts";
import { makeFolder } from "../make-folder.ts";
import { load } from "./connect.ts";
import { salvageHint, startOver } from "./hints.ts";
import { lockFolder } from "./lock.ts";
import { migrate, SCHEMA } from "./migrate.ts";
import { Store } from "./store.ts";
import type { Tables } from "./tables.ts";

/** Of the Postgres in PGlite 0.5: a folder of another major version cannot be opened by it. */
const POSTGRES_MAJOR = "18";

/**
 * PGlite's own parameters (0.5), without -F: what is committed is on disk, as the system's fsync goes. A ledger's
 * tables are small; 8 MiB of buffers instead of 128 save as much memory.
 */
const START_PARAMETERS = [
  "--single",
  "-O",
  "-j",
  ...[
    "search_path=public",
    "exit_on_error=false",
    "log_checkpoints=false",
    "max_worker_processes=0",
    "max_parallel_workers=0",
    "max_parallel_workers_per_gather=0",
    "max_parallel_maintenance_workers=0",
    "io_method=sync",
    "shared_buffers=8MB",
  ].flatMap((setting) => ["-c", setting]),
];

/** V8's flags, on by default: code of a module that was compiled while they were off stays as it is. */
const TIERING = ["wasm-tier-up", "wasm-dynamic-tiering"];

/** Reads past what is damaged. */
const SALVAGE_PARAMETERS = [
  "zero_damaged_pages=on",
  "ignore_checksum_failure=on",
  "ignore_system_indexes=on",
].flatMap((setting) => ["-c", setting]);

/** The ledger in a folder, for one process at a time. @throws usage, corrupt */
export async function openEmbedded(path: string, options: { readonly create: boolean }): Promise<Store> {
  return (await openWithDatabase(path, options)).ledger;
}

/** The same, with the database beneath it for others of this process; it is gone once the ledger is closed. */
export async function openWithDatabase(
  path: string,
  options: { readonly create: boolean },
): Promise<{ readonly ledger: Store; readonly pglite: PGlite }> {
  const folder = resolve(path);
  const parent = dirname(folder);
  if ((await stateOf(folder, path)) === "none" && !options.create) throw noLedger(path);
  await makeFolder(parent).catch((error: unknown) => {
    throw new ScanError("usage", `cannot make the folder ${parent}: ${errorLine(error)}`);
  });
  const lock = await lockFolder(folder);
  try {
    // Looked at again under the lock.
    if ((await stateOf(folder, path)) === "none") await createIn(folder);
    const pglite = await openFolder(folder, path, START_PARAMETERS);
    const db = databaseOf(pglite);
    try {
      await migrate(db, path);
    } catch (error) {
      await db.destroy().catch(() => undefined);
      throw error instanceof ScanError ? error : cannotOpen(path, error);
    }
    const ledger = new Store(db.withSchema(SCHEMA), { where: path, onClose: () => lock.release() });
    return { ledger, pglite };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** A copy of a damaged folder, opened as far as it goes, for one use. */
export async function withSalvaged<T>(path: string, use: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
  const folder = resolve(path);
  const state = await stateOf(folder, path).catch((error: unknown) => {
    throw error instanceof ScanError && error.code === "corrupt" ? nothingLeft(path, error) : error;
  });
  if (state === "none") throw noLedger(path);
  const lock = await lockFolder(folder);
  const copy = join(tmpdir(), `sixray-salvage-${randomBytes(6).toString("hex")}`);
  try {
    await cp(folder, copy, { recursive: true });
    const db = databaseOf(
      await openFolder(copy, path, [...START_PARAMETERS, ...SALVAGE_PARAMETERS]).catch((error: unknown) => {
        throw nothingLeft(path, error);
      }),
    );
    try {
      return await use(db.withSchema(SCHEMA));
    } finally {
      await db.destroy().catch(() => undefined);
    }
  } finally {
    await rm(copy, { recursive: true, force: true });
    await lock.release();
  }
}

/** Made elsewhere and moved into place: a process that is killed meanwhile leaves no half of a ledger. */
async function createIn(folder: string): Promise<void> {
  const prefix = `${basename(folder)}.new-`;
  for (const name of await readdir(dirname(folder)))
    if (name.startsWith(prefix)) await rm(join(dirname(folder), name), { recursive: true, force: true });
  const fresh = join(dirname(folder), `${prefix}${randomBytes(6).toString("hex")}`);
  const pglite = await openFolder(fresh, folder, START_PARAMETERS);
  const db = databaseOf(pglite);
  await migrate(db, folder);
  await db.destroy();
  await rm(folder, { recursive: true, force: true });
  await rename(fresh, folder);
}

async function openFolder(folder: string, path: string, startParams: readonly string[]): Promise<PGlite> {
  let said: string | undefined;
  const { PGlite: Database } = await load("@electric-sql/pglite", import("@electric-sql/pglite"));
  // Compiled a second time, for speed that a ledger has no use for, Postgres takes 250 MB more.
  for (const flag of TIERING) setFlagsFromString(`--no-${flag}`);
  try {
    const assets = await import("./pglite-assets.ts").then((one) => one.pgliteAssets());
    return await Database.create({
      dataDir: folder,
      ...assets,
      startParams: [...startParams],
      onStderr: (text) => {
        said ??= /(?:FATAL|PANIC):\s*(.*)/.exec(text)?.[1];
        return true;
      },
    });
  } catch (error) {
    throw cannotOpen(path, said ?? error);
  } finally {
    for (const flag of TIERING) setFlagsFromString(`--${flag}`);
  }
}

function databaseOf(pglite: PGlite): Kysely<Tables> {
  return new Kysely<Tables>({ dialect: new PGliteDialect({ pglite }) });
}

/** @throws usage when the folder is something else */
async function stateOf(folder: string, path: string): Promise<"none" | "ledger"> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === "ENOENT") return [];
    throw new ScanError("usage", `the ledger ${path} cannot be read: ${errorLine(error)}`);
  });
  if (names.length === 0) return "none";
  const major = await readFile(join(folder, "PG_VERSION"), "utf8").catch(() => undefined);
  if (major === undefined && names.includes("global")) throw cannotOpen(path, "PG_VERSION is missing");
  if (major === undefined)
    throw new ScanError("usage", `the folder ${path} is no ledger: name another with --state`);
  if (major.trim() !== POSTGRES_MAJOR)
    throw new ScanError(
      "usage",
      `the ledger ${path} is of Postgres ${major.trim().slice(0, 20)}, this sixray has ${POSTGRES_MAJOR}: export it with the sixray that wrote it ("sixray ledger export") and import that, or move it away to start over`,
    );
  return "ledger";
}

function noLedger(path: string): ScanError {
  return new ScanError(
    "usage",
    `there is no ledger in ${path} yet: "sixray watch" makes one (--state names another)`,
  );
}

function nothingLeft(path: string, error: unknown): ScanError {
  const { cause } = error instanceof ScanError ? error : { cause: error };
  const said = typeof cause === "string" ? cause : errorLine(cause);
  return new ScanError(
    "corrupt",
    `nothing of the ledger can be read (${firstLine(said)}). ${startOver(path)}`,
    {
      at: [path],
      cause: error,
    },
  );
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0]?.slice(0, 200) ?? "";
}

function cannotOpen(path: string, error: unknown): ScanError {
  const said = typeof error === "string" ? error : errorLine(error);
  return new ScanError(
    "corrupt",
    `the ledger cannot be opened: ${firstLine(said)}. ${salvageHint(path)}. ${startOver(path)}`,
    { at: [path], cause: error },
  );
}
