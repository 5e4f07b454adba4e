import type { Evidence } from "../../../model/locator.ts";

/** A piece of a word. `literal`: from quotes or an escape, so it makes a word even when it is empty. */
export type Part =
  | { readonly kind: "text"; readonly text: string; readonly literal: boolean }
  | { readonly kind: "variable"; readonly name: string; readonly quoted: boolean };

export type Word = readonly Part[];

/** Where a script's text stands. */
export interface Source {
  /** For messages: `/boot/grub/grub.cfg`. */
  readonly name: string;
  evidence(line: number): Evidence;
  /** Lines elsewhere that the text was put together from. */
  readonly origins?: readonly Evidence[];
}

export type Statement =
  | {
      readonly kind: "command";
      readonly words: readonly Word[];
      readonly block: Block | undefined;
      readonly source: Source;
      readonly line: number;
    }
  | { readonly kind: "if"; readonly condition: Block; readonly whenTrue: Block; readonly whenFalse: Block }
  | {
      readonly kind: "for";
      readonly name: string;
      readonly words: readonly Word[];
      readonly body: Block;
      readonly line: number;
      readonly source: Source;
    }
  | { readonly kind: "while"; readonly until: boolean; readonly condition: Block; readonly body: Block }
  | { readonly kind: "function"; readonly name: string; readonly body: Block };

export type Block = readonly Statement[];
