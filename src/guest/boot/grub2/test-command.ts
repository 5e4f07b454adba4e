/** `test` and `[`. Source: GRUB manual, "test"; parsed left to right, `-a` needs no writing, as GRUB does. */
import { isKnown, knownPart, type Unknowns } from "./unknowns.ts";

export type Truth = boolean | "unknown";

/** What the test may ask of the disk. */
export interface TestedFiles {
  kind(path: string): "file" | "directory" | "absent" | "unknown";
  isEmpty(path: string): Truth;
}

const COMBINATIONS_MAX = 64;
const ARGS_MAX = 200;

/** Tries every value the arguments can have; true or false when all of them agree. */
export function evaluateTest(args: readonly string[], files: TestedFiles, unknowns: Unknowns): Truth {
  if (args.length > ARGS_MAX) return "unknown";
  let combinations: readonly (readonly string[])[] = [[]];
  for (const arg of args) {
    const values = unknowns.alternatives(arg) ?? [arg];
    combinations = combinations.flatMap((head) => values.map((value) => [...head, value]));
    if (combinations.length > COMBINATIONS_MAX) return "unknown";
  }
  const truths = new Set(combinations.map((one) => new Expression(one, files, unknowns).evaluate()));
  const [first = false] = truths;
  return truths.size === 1 ? first : "unknown";
}

const and = (a: Truth, b: Truth): Truth => {
  if (a === false || b === false) return false;
  return a === true ? b : a;
};
const or = (a: Truth, b: Truth): Truth => not(and(not(a), not(b)));
const not = (a: Truth): Truth => (a === "unknown" ? a : !a);

class Expression {
  readonly #args: readonly string[];
  readonly #files: TestedFiles;
  readonly #unknowns: Unknowns;
  #at = 0;

  constructor(args: readonly string[], files: TestedFiles, unknowns: Unknowns) {
    this.#args = args.at(-1) === "]" ? args.slice(0, -1) : args;
    this.#files = files;
    this.#unknowns = unknowns;
  }

  evaluate(): Truth {
    let all: Truth = true;
    let any: Truth = false;
    let inverted = false;
    const take = (truth: Truth): void => {
      all = and(all, inverted ? not(truth) : truth);
      inverted = false;
    };
    while (this.#at < this.#args.length) {
      const [first = "", second, third] = this.#args.slice(this.#at, this.#at + 3);
      const compared =
        second !== undefined && third !== undefined ? this.#compare(first, second, third) : undefined;
      const tested = compared === undefined && second !== undefined ? this.#unary(first, second) : undefined;
      if (compared !== undefined) {
        this.#at += 3;
        take(compared);
        continue;
      }
      if (tested !== undefined) {
        this.#at += 2;
        take(tested);
        continue;
      }
      this.#at++;
      if (first === ")") break;
      if (first === "(") take(this.evaluate());
      else if (first === "!") inverted = !inverted;
      else if (first === "-o") {
        any = or(any, all);
        all = true;
      } else if (first !== "-a") take(this.#notEmpty(first));
    }
    return or(any, all);
  }

  #compare(a: string, operator: string, b: string): Truth | undefined {
    const text = (holds: (order: number) => boolean): Truth =>
      isKnown(a) && isKnown(b) ? holds(a < b ? -1 : a > b ? 1 : 0) : "unknown";
    const number = (holds: (a: number, b: number) => boolean): Truth =>
      isKnown(a) && isKnown(b) ? holds(integer(a), integer(b)) : "unknown";
    switch (operator) {
      case "=":
      case "==":
        return text((order) => order === 0);
      case "!=":
        return text((order) => order !== 0);
      case "<":
        return text((order) => order < 0);
      case "<=":
        return text((order) => order <= 0);
      case ">":
        return text((order) => order > 0);
      case ">=":
        return text((order) => order >= 0);
      case "-eq":
        return number((x, y) => x === y);
      case "-ne":
        return number((x, y) => x !== y);
      case "-lt":
        return number((x, y) => x < y);
      case "-le":
        return number((x, y) => x <= y);
      case "-gt":
        return number((x, y) => x > y);
      case "-ge":
        return number((x, y) => x >= y);
      case "-pgt":
      case "-plt":
        return "unknown";
      default:
        return /^-[no]t/.test(operator) ? "unknown" : undefined; // file times
    }
  }

  #unary(operator: string, operand: string): Truth | undefined {
    switch (operator) {
      case "-n":
        return this.#notEmpty(operand);
      case "-z":
        return not(this.#notEmpty(operand));
      case "-e":
        return this.#exists(operand, (kind) => kind !== "absent");
      case "-f":
        return this.#exists(operand, (kind) => kind === "file");
      case "-d":
        return this.#exists(operand, (kind) => kind === "directory");
      case "-s":
        return isKnown(operand) ? not(this.#files.isEmpty(operand)) : "unknown";
      default:
        return undefined;
    }
  }

  #notEmpty(text: string): Truth {
    if (isKnown(text)) return text !== "";
    return this.#unknowns.splits(text) && knownPart(text) === "" ? "unknown" : true;
  }

  #exists(path: string, holds: (kind: string) => boolean): Truth {
    const kind = isKnown(path) ? this.#files.kind(path) : "unknown";
    return kind === "unknown" ? "unknown" : holds(kind);
  }
}

/** As strtoul with base 0 reads it: digits up to the first other character, 0 when there are none. */
export function integer(text: string): number {
  const found = /^\s*(-?)(0[xX][0-9a-fA-F]+|[0-9]+)/.exec(text);
  if (found === null) return 0;
  const [, sign, digits = ""] = found;
  const octal = /^0[0-7]*/.exec(digits)?.[0];
  const value = /^0[xX]/.test(digits) || octal === undefined ? Number(digits) : Number.parseInt(octal, 8);
  return sign === "-" ? -value : value;
}
