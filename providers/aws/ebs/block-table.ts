import { corrupt, limitReached } from "../../../src/errors.ts";
import { type Account, CallFailed } from "../api/account.ts";
import type { Meter } from "../api/meter.ts";

// Source: EBS direct APIs reference, ListSnapshotBlocks: only written blocks are listed, in ascending order; a page
// may be short or empty and still have a token for the next; page tokens live for an hour, block tokens for a week.

/** As the service model says; a page of 10,000 written blocks covers 5 GB. */
const PAGE_BLOCKS = 10_000;
/** Pages in a row that bring nothing. */
const EMPTY_PAGES_MAX = 1000;
const ENTRIES_MAX = 2_000_000;
const RESTARTS_MAX = 3;

/** What a listing says of one block. `version` tells tokens of one listing from those of the next. */
export interface Entry {
  readonly token: string;
  readonly version: number;
}

export interface Listed {
  readonly blocks: readonly { readonly index: number; readonly token: string }[];
  readonly nextToken: string | undefined;
  /** GiB, where the service says it. */
  readonly volumeGib: number | undefined;
}

export interface TableContext {
  readonly account: Account;
  readonly snapshot: string;
  readonly label: string;
  readonly meter: Meter;
  readonly signal: AbortSignal | undefined;
}

/**
 * Which blocks of a snapshot were written, with the tokens that fetch them. Listed as far as blocks are asked for,
 * each part once; far jumps skip what lies between.
 */
export class BlockTable {
  readonly #context: TableContext;
  #entries = new Map<number, string>();
  /** Ranges of indices that are known, each end exclusive; not sorted. */
  #known: { readonly start: number; readonly end: number }[] = [];
  #version = 0;
  #last: Promise<unknown> = Promise.resolve();
  volumeGib: number | undefined;

  constructor(context: TableContext) {
    this.#context = context;
  }

  /** The entry of a block; undefined for one that was never written. */
  async find(index: number): Promise<Entry | undefined> {
    if (!this.#covers(index)) {
      const listed = this.#last.then(() => (this.#covers(index) ? undefined : this.#list(index)));
      this.#last = listed.catch(() => undefined);
      await listed;
    }
    const token = this.#entries.get(index);
    return token === undefined ? undefined : { token, version: this.#version };
  }

  /** Forgets what was listed when tokens of `version` are not valid any more: the next look lists anew. */
  expired(version: number): void {
    if (version !== this.#version) return;
    this.#version++;
    this.#entries = new Map();
    this.#known = [];
  }

  /** True when no written block that is known lies behind `index`. */
  isLast(index: number): boolean {
    for (const known of this.#entries.keys()) if (known > index) return false;
    return this.#covers(index + 1);
  }

  #covers(index: number): boolean {
    return this.#known.some(({ start, end }) => start <= index && index < end);
  }

  async #list(index: number): Promise<void> {
    let start = index;
    let pageToken: string | undefined;
    let empty = 0;
    let restarts = 0;
    for (;;) {
      let page: Listed;
      try {
        page = await listBlocks(this.#context, start, pageToken);
      } catch (error) {
        // The page token ran out: go on from where the listing was.
        const again =
          error instanceof CallFailed &&
          error.answer.reason === "INVALID_PAGE_TOKEN" &&
          pageToken !== undefined;
        if (!again || ++restarts > RESTARTS_MAX) throw error;
        pageToken = undefined;
        continue;
      }
      this.volumeGib ??= page.volumeGib;
      let end = start;
      for (const block of page.blocks) {
        this.#entries.set(block.index, block.token);
        end = Math.max(end, block.index + 1);
      }
      if (page.nextToken === undefined) end = Number.POSITIVE_INFINITY;
      if (end > start) this.#known.push({ start, end });
      if (this.#entries.size > ENTRIES_MAX)
        throw limitReached(this.#context.label, `more than ${ENTRIES_MAX} blocks to look at`);
      if (end > index) return;
      empty = end > start ? 0 : empty + 1;
      if (empty > EMPTY_PAGES_MAX)
        throw limitReached(this.#context.label, `${EMPTY_PAGES_MAX} pages of its block table are empty`);
      start = Math.max(start, end);
      pageToken = page.nextToken;
    }
  }
}

/** One page of the block table. */
async function listBlocks(
  { account, snapshot, label, meter, signal }: TableContext,
  start: number,
  pageToken: string | undefined,
): Promise<Listed> {
  const { client, sdk } = await account.ebs();
  const page = await account.call(
    "ListSnapshotBlocks",
    "list-blocks",
    (abortSignal) =>
      client.send(
        new sdk.ListSnapshotBlocksCommand({
          SnapshotId: snapshot,
          MaxResults: PAGE_BLOCKS,
          ...(pageToken === undefined ? { StartingBlockIndex: start } : { NextToken: pageToken }),
        }),
        abortSignal ? { abortSignal } : {},
      ),
    { meter, signal },
  );
  return {
    blocks: (page.Blocks ?? []).map(({ BlockIndex, BlockToken = "" }) => {
      // Others' fakes send it as a string.
      const index = Number(BlockIndex);
      if (!Number.isSafeInteger(index) || index < 0)
        throw corrupt(label, `AWS lists a block without a usable index`);
      return { index, token: BlockToken };
    }),
    nextToken: page.NextToken === "" ? undefined : page.NextToken,
    volumeGib: page.VolumeSize,
  };
}
