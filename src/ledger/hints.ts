import { dirname } from "node:path";

/** The command that saves what it can of the ledger in this folder, which lies in the folder of the state. */
export function salvageHint(path: string): string {
  return `"sixray ledger export --salvage --state ${quoted(dirname(path))}" writes what can be read`;
}

export function startOver(path: string): string {
  return `To start over, move it away (mv ${quoted(path)} ${quoted(`${path}.broken`)}): what it knew is found out again by scanning`;
}

/** As a shell takes it for one word. */
function quoted(path: string): string {
  return /^[\w./:@%+,-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
