import { encodeName } from "../../bytes/names.ts";

/** How a directory hashes and compares names: byte by byte, or without regard to case (`ascii-ci`). */
export interface NameRule {
  hash(name: string): number;
  /** A test for the stored bytes of `name`. */
  matcher(name: string): (stored: Uint8Array) => boolean;
}

/** Source: XFS Algorithms & Data Structures, "Directory Hash"; Linux xfs_da_hashname, xfs_ascii_ci_hashname. */
export const exactNames: NameRule = ruleOf((byte) => byte);
export const foldedNames: NameRule = ruleOf(fold);

/** The kernel hashes four bytes at a time; one at a time gives the same. */
function ruleOf(by: (byte: number) => number): NameRule {
  return {
    hash(name) {
      let hash = 0;
      for (const byte of encodeName(name)) hash = by(byte) ^ ((hash << 7) | (hash >>> 25));
      return hash >>> 0;
    },
    matcher(name) {
      const wanted = encodeName(name).map(by);
      return (stored) => stored.length === wanted.length && stored.every((byte, i) => by(byte) === wanted[i]);
    },
  };
}

/** As the kernel folds for ascii-ci: the upper-case letters of Latin-1. */
function fold(byte: number): number {
  const upper =
    (byte >= 0x41 && byte <= 0x5a) || (byte >= 0xc0 && byte <= 0xd6) || (byte >= 0xd8 && byte <= 0xde);
  return upper ? byte + 0x20 : byte;
}
