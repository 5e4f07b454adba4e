import { matchesPattern } from "../../pattern.ts";
import type { Answer } from "./match.ts";

const EXPRESSION = /^(\$=|!\$=|<=|>=|<>|!=|==|=|<|>)?(.*)$/s;

/**
 * Whether a kernel's version fulfils `KernelVersion=`: every one of its expressions has to. Source: systemd.unit(5),
 * "ConditionKernelVersion="; systemd, src/shared/condition.c, condition_test_kernel_version.
 */
export function isKernelVersion(text: string, version: string | undefined): Answer {
  if (version === undefined) return "maybe";
  const words = text.split(/[ \t]+/).filter((word) => word !== "");
  // An operator may stand apart from its value, in the first expression only.
  const [first = "", second, ...rest] = words;
  const expressions = isBare(first) && second !== undefined ? [first + second, ...rest] : words;
  const answers = expressions.map((one) => answer(one.replace(/^(["'])(.*)\1$/, "$2"), version));
  return answers.includes("no") ? "no" : answers.includes("maybe") ? "maybe" : "yes";
}

function isBare(word: string): boolean {
  return /^[$!<>=]+$/.test(word);
}

function answer(expression: string, version: string): Answer {
  const [, operator = "$=", wanted = ""] = EXPRESSION.exec(expression) ?? [];
  if (wanted === "") return "maybe";
  if (operator === "$=" || operator === "!$=")
    return yesNo(matchesPattern(wanted, version) === (operator === "$="));
  const order = compare(version, wanted);
  if (order === undefined) return "maybe";
  switch (operator) {
    case "<":
      return yesNo(order < 0);
    case "<=":
      return yesNo(order <= 0);
    case ">":
      return yesNo(order > 0);
    case ">=":
      return yesNo(order >= 0);
    case "!=":
    case "<>":
      return yesNo(order !== 0);
    default:
      return yesNo(order === 0);
  }
}

function yesNo(value: boolean): Answer {
  return value ? "yes" : "no";
}

/**
 * As both ways in which versions of systemd compare do it, or undefined where they may not agree: numbers first, then
 * the longer one is the newer.
 */
function compare(a: string, b: string): number | undefined {
  if (a === b) return 0;
  const [left, right] = [a, b].map((one) => /^\d+(?:\.\d+)*/.exec(one)?.[0] ?? "");
  if (!left || !right) return undefined;
  const numbers = [left, right].map((one) => one.split(".").map(Number));
  const [mine = [], theirs = []] = numbers;
  for (let at = 0; at < Math.min(mine.length, theirs.length); at++) {
    const difference = (mine[at] ?? 0) - (theirs[at] ?? 0);
    if (difference !== 0) return Math.sign(difference);
  }
  const shared = [left, right].toSorted((one, other) => one.length - other.length)[0] ?? "";
  const [restOfA, restOfB] = [a.slice(shared.length), b.slice(shared.length)];
  if (restOfB === "" && !restOfA.startsWith("~")) return 1;
  return restOfA === "" && !restOfB.startsWith("~") ? -1 : undefined;
}
