import { Option } from "@commander-js/extra-typings";
import { FAILABLE } from "./exit.ts";
import { FORMATS_HELP } from "./shell.ts";

/* Options that several commands have, said once. */

export function formatOption(): Option<"-f, --format <formats>", undefined, string> {
  return new Option("-f, --format <formats>", FORMATS_HELP).default("text");
}

export function outputOption(): Option<"-o, --output <file>"> {
  return new Option("-o, --output <file>", "write the report to a file instead of standard output");
}

export function outputDirOption(): Option<"--output-dir <folder>"> {
  return new Option(
    "--output-dir <folder>",
    "write one file a format into this folder: sixray-report.json, ...",
  );
}

export function policyOption(): Option<"--policy <name|file>"> {
  return new Option(
    "--policy <name|file>",
    "judge by this policy: a name (sixray policy list) or a file (default: the one that fits the operating system)",
  );
}

export function reviewOption(): Option<"--review <file...>"> {
  return new Option("--review <file...>", "what people decided about images for review (sixray review sign)");
}

export function failOnOption(): Option<"--fail-on <verdicts>", undefined, string> {
  return new Option(
    "--fail-on <verdicts>",
    `which verdicts fail the run: ${FAILABLE.join(",")}, or never`,
  ).default(FAILABLE.join(","));
}

export function strictOption(): Option<"--strict", undefined, boolean> {
  return new Option("--strict", "exit 3 for an incomplete run even when something is flagged").default(false);
}
