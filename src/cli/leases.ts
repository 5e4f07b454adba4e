import { randomUUID } from "node:crypto";
import { LeaseBook } from "../../providers/lease/book.ts";
import { nameOf } from "../../providers/lease/record.ts";
import { escapeText } from "../report/escape.ts";
import { keeperOf, leasesFolder, stateFolder } from "./state.ts";
import type { Terminal } from "./terminal.ts";

/** The book of a run that may make something. */
export function openBook(state: string | undefined): LeaseBook {
  return new LeaseBook(leasesFolder(stateFolder(state)), keeperOf(randomUUID()), () => new Date());
}

/** Closes the book; tells what is left in a cloud. False when something is. */
export async function closeBook(book: LeaseBook, terminal: Terminal): Promise<boolean> {
  await book.close();
  for (const { record, reason } of book.left) {
    const what = `${record.provider} ${nameOf(record)}`;
    terminal.err(`sixray: could not remove ${escapeText(what)}: ${escapeText(reason)}\n`);
  }
  if (book.left.length > 0) terminal.err("sixray: run `sixray sweep` to try again\n");
  return book.left.length === 0;
}
