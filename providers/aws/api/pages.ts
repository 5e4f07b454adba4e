import { ScanError } from "../../../src/errors.ts";

/** Far more than the largest listing has; what goes on and on gives nothing but empty pages. */
const PAGES_MAX = 10_000;

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
