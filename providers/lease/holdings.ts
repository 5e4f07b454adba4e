import { randomUUID } from "node:crypto";
import { errorLine } from "../../src/errors.ts";
import type { LeaseBook } from "./book.ts";
import { type Intent, type LeaseRecord, nameOf, tagsOf } from "./record.ts";
import type { Remover } from "./remover.ts";

/** A name for a resource that nothing else has: `sixray-0f3a…`. Also good as a client token. */
export function freshName(): string {
  return `sixray-${randomUUID()}`;
}

/**
 * The temporary resources one image needs. Each is written down before it is made; `release` removes them all,
 * the last one first, whatever happened.
 */
export class Holdings {
  readonly #book: LeaseBook;
  readonly #remover: Remover;
  readonly #held: LeaseRecord[] = [];

  constructor(book: LeaseBook, remover: Remover) {
    this.#book = book;
    this.#remover = remover;
  }

  /** What was made so far, by name, in order. */
  get created(): readonly string[] {
    return this.#held.filter(({ resource }) => resource !== undefined).map(nameOf);
  }

  /** Nothing is held: nothing was made, nor tried. */
  get isEmpty(): boolean {
    return this.#held.length === 0;
  }

  /**
   * Makes one resource. `make` gets the tags it has to carry and resolves to the cloud's id; when it rejects, the
   * resource may or may not exist, and `release` looks. Unless `isRefusal` says that the cloud made nothing.
   */
  async create(
    intent: Intent,
    make: (tags: Readonly<Record<string, string>>) => Promise<string>,
    isRefusal: (error: unknown) => boolean = () => false,
  ): Promise<string> {
    const record = await this.#book.intend(intent);
    this.#held.push(record);
    const resource = await make(tagsOf(record)).catch(async (error: unknown) => {
      if (isRefusal(error)) {
        this.#held.splice(this.#held.indexOf(record), 1);
        await this.#book.removed(record);
      }
      throw error;
    });
    this.#held[this.#held.indexOf(record)] = { ...record, resource };
    await this.#book.created(record, resource);
    return resource;
  }

  /**
   * Takes over what the cloud made along with a held resource (the snapshot of a copied image): the same life, a
   * lease of its own. Nothing may have been lost by then: the remover finds it through the held one as well.
   */
  async adopt(intent: Intent, resource: string): Promise<void> {
    const record = await this.#book.intend(intent);
    this.#held.push({ ...record, resource });
    await this.#book.created(record, resource);
  }

  /** Never rejects: what cannot be removed is in the book's `left`, with the reason. */
  async release(): Promise<void> {
    for (let record = this.#held.pop(); record; record = this.#held.pop()) {
      try {
        await this.#remover.remove(record);
        await this.#book.removed(record);
      } catch (error) {
        this.#book.leave(record, errorLine(error));
      }
    }
  }
}
