import { type Kysely, sql } from "kysely";
import { z } from "zod";
import { ScanError } from "../errors.ts";
import type { Imported } from "./ledger.ts";
import { SCHEMA } from "./migrate.ts";
import type { Tables } from "./tables.ts";
import { storable } from "./text.ts";

/** Of the first line; a file of an older version is read, too. */
const VERSION = 3;
const LINE_CHARS_MAX = 32 << 20;
const PAGE = 200;

const text = z.string().transform(storable);
const moment = z.iso.datetime({ offset: true });
const count = z.int().nonnegative();

/** Parents before children; columns of a key in the order of the key. What older versions had not has a default. */
export const TABLES: readonly TableShape[] = [
  {
    name: "images",
    key: ["image"],
    shape: z.strictObject({
      image: text,
      provider: text,
      id: text,
      family: text,
      arch: text,
      first_seen: moment,
      last_seen: moment,
    }),
  },
  {
    name: "versions",
    key: ["content"],
    shape: z.strictObject({
      content: text,
      image: text,
      provider: text,
      family: text,
      arch: text,
      name: text,
      date: text,
      ref: text,
      first_seen: moment,
    }),
  },
  {
    name: "policies",
    key: ["digest"],
    shape: z.strictObject({ digest: text, id: text, document: text, first_seen: moment }),
  },
  {
    name: "runs",
    key: ["id"],
    shape: z.strictObject({
      id: text,
      started_at: moment,
      finished_at: moment.nullable(),
      engine: text,
      policy_digest: text,
      policy: text,
      source: text,
      host: text.default(""),
      shard: text.default(""),
      enumerated: count,
      scanned: count,
      known: count,
      failed: count,
      exit_code: count.nullable(),
    }),
  },
  {
    name: "scans",
    key: ["content", "policy_digest", "engine"],
    shape: z.strictObject({
      content: text,
      policy_digest: text,
      engine: text,
      verdict: z.enum(["pass", "flagged", "review", "unreadable"]),
      state: text,
      os: text,
      reason: text,
      evidence: text,
      result: text,
      bytes: count,
      run: text,
      at: moment,
      again: z.boolean().default(false),
    }),
  },
  {
    name: "run_images",
    key: ["run", "image"],
    shape: z.strictObject({
      run: text,
      image: text,
      content: text,
      outcome: z.enum(["scanned", "known", "failed"]),
      verdict: text,
      reason: text,
      evidence: text.default(""),
    }),
  },
  {
    name: "waivers_used",
    key: ["run", "content", "rule", "waiver"],
    shape: z.strictObject({
      run: text,
      content: text,
      rule: text,
      waiver: text,
      state: text,
      reason: text,
      approved_by: text,
      expires: text,
    }),
  },
];

interface TableShape {
  readonly name: keyof Tables;
  readonly key: readonly string[];
  readonly shape: z.ZodObject;
}

type Row = Readonly<Record<string, unknown>>;

export function headLine(): string {
  return `${JSON.stringify({ sixrayLedger: VERSION })}\n`;
}

export function rowLine(table: string, row: Row): string {
  // The one column that drivers disagree about.
  const plain = "bytes" in row ? { ...row, bytes: Number(row.bytes) } : row;
  return `${JSON.stringify({ table, ...plain })}\n`;
}

export function columnsOf({ shape }: TableShape): readonly string[] {
  return Object.keys(shape.shape);
}

/** Page by page along the primary keys: memory does not grow with the ledger. */
export async function* exportRows(db: Kysely<Tables>): AsyncGenerator<string> {
  yield headLine();
  for (const table of TABLES) {
    const columns = sql.join(columnsOf(table).map((column) => sql.ref(column)));
    const key = sql.join(table.key.map((column) => sql.ref(column)));
    for (let after: Row | undefined; ; ) {
      const from = after;
      const beyond = from
        ? sql`where (${key}) > (${sql.join(table.key.map((column) => from[column]))})`
        : sql``;
      const { rows } =
        await sql<Row>`select ${columns} from ${sql.id(SCHEMA, table.name)} ${beyond} order by ${key} limit ${sql.lit(PAGE)}`.execute(
          db,
        );
      for (const row of rows) yield rowLine(table.name, row);
      after = rows.at(-1);
      if (rows.length < PAGE) break;
    }
  }
}

interface Batch {
  readonly table: TableShape;
  readonly rows: Row[];
}

/** Adds what is not there yet. What is there stays as it is. @throws usage with the line's number */
export async function importRows(db: Kysely<Tables>, lines: AsyncIterable<string>): Promise<Imported> {
  const total = { added: 0, there: 0, orphans: 0 };
  let batch: Batch | undefined;
  let number = 0;
  const flush = async (): Promise<void> => {
    if (!batch || batch.rows.length === 0) return;
    const { added, orphans } = await insert(db, batch.table, batch.rows);
    total.added += added;
    total.orphans += orphans;
    total.there += batch.rows.length - added - orphans;
    batch = undefined;
  };
  for await (const line of lines) {
    number++;
    if (line.trim() === "") continue;
    const value = parseLine(line, number);
    if (number === 1 && "sixrayLedger" in value) {
      const version = Number(value.sixrayLedger);
      if (version > VERSION)
        throw new ScanError("usage", `line 1: written by a newer sixray (version ${version} of the file)`);
      continue;
    }
    const { table: name, ...row } = value;
    const table = TABLES.find((one) => one.name === name);
    if (!table) throw new ScanError("usage", `line ${number}: no table ${JSON.stringify(name) ?? "named"}`);
    const read = table.shape.safeParse(row);
    if (!read.success) {
      const [issue] = read.error.issues;
      throw new ScanError("usage", `line ${number}: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`);
    }
    if (batch && (batch.table !== table || batch.rows.length === PAGE)) await flush();
    batch ??= { table, rows: [] };
    batch.rows.push(read.data);
  }
  await flush();
  if (number === 0) throw new ScanError("usage", "the file is empty");
  return total;
}

function parseLine(line: string, number: number): Row {
  if (line.length > LINE_CHARS_MAX) throw new ScanError("usage", `line ${number} is too long for a row`);
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  } catch {
    // Said below.
  }
  throw new ScanError("usage", `line ${number} is no JSON object: is the file cut off, or no ledger?`);
}

/** Rows whose parent is missing (23503) are left out one by one; Postgres turns the JSON into its own types. */
async function insert(
  db: Kysely<Tables>,
  table: TableShape,
  rows: readonly Row[],
): Promise<{ readonly added: number; readonly orphans: number }> {
  const columns = sql.join(columnsOf(table).map((column) => sql.ref(column)));
  const put = async (some: readonly Row[]): Promise<number> => {
    const into = sql.id(SCHEMA, table.name);
    const done =
      await sql`insert into ${into} (${columns}) select ${columns} from json_populate_recordset(null::${into}, ${JSON.stringify(some)}::json) on conflict do nothing`.execute(
        db,
      );
    return Number(done.numAffectedRows ?? 0);
  };
  try {
    return { added: await put(rows), orphans: 0 };
  } catch (error) {
    if (!isOrphan(error)) throw error;
  }
  let [added, orphans] = [0, 0];
  for (const row of rows) {
    try {
      added += await put([row]);
    } catch (error) {
      if (!isOrphan(error)) throw error;
      orphans++;
    }
  }
  return { added, orphans };
}

function isOrphan(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "23503";
}
