import { randomUUID } from "node:crypto";
import { appendFileSync } from "node:fs";

// Source: docs.github.com "Workflow commands for GitHub Actions" and "Metadata syntax" (inputs).

/** What the runner's files take; a step summary larger than this is dropped whole. */
const SUMMARY_BYTES_MAX = 1 << 20;

/** An input of the step: `output-dir` is INPUT_OUTPUT-DIR. Empty counts as not given. */
export function input(name: string): string | undefined {
  const value = process.env[`INPUT_${name.toUpperCase()}`]?.trim();
  return value === "" ? undefined : value;
}

export function flag(name: string, preset: boolean): boolean {
  const value = input(name);
  return value === undefined ? preset : /^(?:true|yes|on|1)$/i.test(value);
}

/** Values by lines or commas. */
export function list(name: string): readonly string[] {
  return valuesOf(name, /[\n,]/);
}

/** Values by lines: a path may hold commas, and a pattern does (`*.{raw,qcow2}`). */
export function lines(name: string): readonly string[] {
  return valuesOf(name, /\n/);
}

function valuesOf(name: string, separator: RegExp): readonly string[] {
  return (input(name) ?? "")
    .split(separator)
    .map((one) => one.trim())
    .filter((one) => one !== "");
}

/** The delimiter is made anew each time, so that a value cannot end it and add outputs of its own. */
export function output(name: string, value: string): void {
  const file = process.env.GITHUB_OUTPUT;
  if (!file) return;
  const delimiter = `sixray_${randomUUID()}`;
  appendFileSync(file, `${name}<<${delimiter}\n${value}\n${delimiter}\n`);
}

export function summarise(markdown: string): void {
  const file = process.env.GITHUB_STEP_SUMMARY;
  if (!file) return;
  const bytes = Buffer.from(markdown);
  const cut = "\n\n(cut off: the reports have the rest)\n";
  const fits = bytes.length <= SUMMARY_BYTES_MAX;
  const text = fits
    ? markdown
    : bytes
        .subarray(0, SUMMARY_BYTES_MAX - 200)
        .toString()
        .replace(/\n[^\n]*$/, cut);
  appendFileSync(file, text);
}

/** One annotation of the run. Text is escaped: a name cannot begin a command of its own. */
export function annotate(level: "error" | "warning" | "notice", title: string, message: string): string {
  return `::${level} title=${property(title)}::${data(message)}\n`;
}

function data(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function property(text: string): string {
  return data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
