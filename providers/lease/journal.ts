import { constants } from "node:fs";
import { open, readdir, readFile, rm, truncate } from "node:fs/promises";
import { dirname, join } from "node:path";
import * as z from "zod";
import { errorLine, ScanError } from "../../src/errors.ts";
import { makeFolder } from "../../src/make-folder.ts";
import type { Keeper, LeaseRecord } from "./record.ts";

/*
 * One file a run, one JSON object a line: who keeps it, what is about to be made (`intend`), what came of it
 * (`created`), what is gone again (`removed`). A line counts once it is on the disk; a torn last line never does.
 */

type Line =
  | ({ readonly op: "keep" } & Keeper)
  | ({ readonly op: "intend" } & Omit<LeaseRecord, "resource">)
  | { readonly op: "created"; readonly lease: string; readonly resource: string }
  | { readonly op: "removed"; readonly lease: string };

const text = z.string();
const line: z.ZodType<Line> = z.discriminatedUnion("op", [
  z.object({ op: z.literal("keep"), run: text, pid: z.int().positive(), host: text, since: text }),
  z.object({
    op: z.literal("intend"),
    lease: text,
    run: text,
    provider: text,
    kind: text,
    scope: z.record(text, text),
    owner: text.optional(),
    name: text,
    at: text,
  }),
  z.object({ op: z.literal("created"), lease: text, resource: text }),
  z.object({ op: z.literal("removed"), lease: text }),
]);

/** Far more than a run ever holds; a file beyond is not ours. */
const JOURNAL_BYTES_MAX = 64 << 20;

/** The journal of one run, being written. */
export class Journal {
  readonly path: string;
  readonly #keeper: Keeper;
  #handle: Awaited<ReturnType<typeof open>> | undefined;
  #last: Promise<void> = Promise.resolve();

  constructor(folder: string, keeper: Keeper) {
    this.path = join(folder, `${keeper.run}.ndjson`);
    this.#keeper = keeper;
  }

  /** Resolves once the line is on the disk. Rejects with `usage` when it cannot be: then nothing may be made. */
  write(entry: Exclude<Line, { op: "keep" }>): Promise<void> {
    const written = this.#last.then(() => this.#append(entry));
    this.#last = written.catch(() => undefined);
    return written;
  }

  async #append(entry: Line): Promise<void> {
    try {
      this.#handle ??= await this.#create();
      const handle = this.#handle;
      await handle.appendFile(`${JSON.stringify(entry)}\n`);
      await handle.datasync();
    } catch (error) {
      throw new ScanError(
        "usage",
        `cannot write the journal of temporary resources, so none is made: ${errorLine(error)}`,
        { at: [this.path], cause: error },
      );
    }
  }

  async #create(): Promise<Awaited<ReturnType<typeof open>>> {
    await makeFolder(dirname(this.path), { mode: 0o700 });
    const handle = await open(this.path, "ax", 0o600);
    try {
      await handle.appendFile(`${JSON.stringify({ op: "keep", ...this.#keeper })}\n`);
      return handle;
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** Forgets the journal when nothing is left that it is needed for. */
  async close(options: { readonly keep: boolean }): Promise<void> {
    await this.#last;
    if (!this.#handle) return;
    await this.#handle.close();
    if (!options.keep) await rm(this.path, { force: true });
  }
}

/** A journal as it was found, with what it says is not gone yet. */
export interface FoundJournal {
  readonly path: string;
  readonly keeper?: Keeper;
  readonly leases: readonly LeaseRecord[];
  /** Where a last line begins that was torn by a crash, in bytes. */
  readonly tornAt?: number;
}

/** The journals in `folder`, in the order of their names, and why others cannot be used; none without such a folder. */
export async function findJournals(folder: string): Promise<{
  readonly journals: readonly FoundJournal[];
  readonly damaged: readonly ScanError[];
}> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw new ScanError("usage", `cannot read ${folder}: ${error.message}`);
  });
  const journals: FoundJournal[] = [];
  const damaged: ScanError[] = [];
  for (const name of names.filter((one) => one.endsWith(".ndjson")).toSorted()) {
    try {
      const found = await readJournal(join(folder, name));
      if (found) journals.push(found);
    } catch (error) {
      if (!(error instanceof ScanError)) throw error;
      damaged.push(error);
    }
  }
  return { journals, damaged };
}

/** Undefined for one that is gone by now: its run ended well, or another sweep was faster. */
async function readJournal(path: string): Promise<FoundJournal | undefined> {
  const content = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw new ScanError("usage", `cannot read it: ${error.message}`, { at: [path], cause: error });
  });
  if (content === undefined) return undefined;
  if (content.length > JOURNAL_BYTES_MAX)
    throw new ScanError("usage", "too long for a journal of temporary resources", { at: [path] });
  let keeper: Keeper | undefined;
  const leases = new Map<string, LeaseRecord>();
  for (const [at, written] of content.split("\n").slice(0, -1).entries()) {
    const entry = parse(written, path, at + 1);
    if (entry.op === "keep") {
      const { op: _, ...who } = entry;
      keeper = who;
    } else if (entry.op === "intend") {
      const { op: _, ...record } = entry;
      leases.set(record.lease, record);
    } else if (entry.op === "created") {
      const record = leases.get(entry.lease);
      if (record) leases.set(entry.lease, { ...record, resource: entry.resource });
    } else leases.delete(entry.lease);
  }
  const sound = content.slice(0, content.lastIndexOf("\n") + 1);
  const torn = sound.length < content.length ? { tornAt: Buffer.byteLength(sound) } : {};
  return { path, ...torn, ...(keeper === undefined ? {} : { keeper }), leases: [...leases.values()] };
}

function parse(written: string, path: string, at: number): Line {
  try {
    return line.parse(JSON.parse(written));
  } catch (error) {
    throw new ScanError(
      "usage",
      `line ${at} is damaged: look at the file, and at the cloud for resources tagged sixray:run (sweep finds them by tag, too)`,
      { at: [path], cause: error },
    );
  }
}

/** Cuts a torn last line off a journal of a run that is over, so that the next line does not run into it. */
export async function cutTorn({ path, tornAt }: FoundJournal): Promise<void> {
  if (tornAt !== undefined) await unlessGone(truncate(path, tornAt));
}

/** Takes note, in a journal of a run that is over, that a resource is gone. Never makes a journal anew. */
export async function markRemoved(journal: FoundJournal, lease: string): Promise<void> {
  const handle = await unlessGone(open(journal.path, constants.O_WRONLY | constants.O_APPEND));
  if (!handle) return;
  try {
    await handle.appendFile(`${JSON.stringify({ op: "removed", lease })}\n`);
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

/** Undefined where another sweep has forgotten the journal meanwhile. */
async function unlessGone<T>(work: Promise<T>): Promise<T | undefined> {
  return work.catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
}

export async function forget(journal: FoundJournal): Promise<void> {
  await rm(journal.path, { force: true });
}
