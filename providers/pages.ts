import { ScanError } from "../src/errors.ts";

/** Far more than the largest listing has; what goes on and on gives nothing but empty pages. */
const PAGES_MAX = 10_000;

const PARTS_MAX = 100_000;

/** The way through the pages of one listing. */
export class Pages {
  readonly #call: string;
  readonly #seen = new Set<string>();

  constructor(call: string) {
    this.#call = call;
  }

  /** The token of the next page; undefined after the last one. @throws ScanError `limit` when there is no end to them */
  next(token: string | undefined): string | undefined {
    if (token === undefined || token === "") return undefined;
    const why = this.#seen.has(token)
      ? "sends one page again"
      : this.#seen.size >= PAGES_MAX
        ? `goes on after ${PAGES_MAX} pages`
        : undefined;
    if (why !== undefined)
      throw new ScanError("limit", `${this.#call} ${why}: what it lists cannot be had whole; try later`);
    this.#seen.add(token);
    return token;
  }
}

/** What an iterator of Azure's SDK lists. */
interface Paged<T> {
  byPage(): AsyncIterable<readonly T[] & { readonly continuationToken?: string | undefined }>;
}

/** Everything that is listed. @throws ScanError `limit` when there is no end to it */
export async function everyItem<T>(call: string, all: Paged<T>): Promise<T[]> {
  const items: T[] = [];
  const pages = new Pages(call);
  for await (const page of all.byPage()) {
    for (const item of page) items.push(item);
    pages.next(page.continuationToken);
  }
  return items;
}

/** What is listed in parts, of which each page has one at least, up to where there can be no more. @throws ScanError `limit` */
export async function* bounded<T>(owner: string, all: AsyncIterable<T>): AsyncGenerator<T> {
  let count = 0;
  for await (const one of all) {
    if (++count > PARTS_MAX)
      throw new ScanError("limit", `the list of what ${owner} has goes on and on: it cannot be had whole`);
    yield one;
  }
}
