import { writeFile } from "node:fs/promises";
import { ScanError } from "../../errors.ts";
import { printPolicy, starterPolicy } from "../../policy/document/print.ts";
import { rulesOf } from "../../policy/policy.ts";
import { builtIn } from "../../policy/templates/index.ts";
import { escapeJson, escapeText } from "../../report/escape.ts";
import { today } from "../clock.ts";
import { EXIT } from "../exit.ts";
import { choosePolicy, policyText, problemLine } from "../policy-file.ts";
import type { Terminal } from "../terminal.ts";

/** What comes with sixray, a line each. */
export async function policyListCommand(terminal: Terminal): Promise<number> {
  const width = Math.max(...builtIn.map(({ id }) => id.length));
  await terminal.out(builtIn.map(({ id, description }) => `${id.padEnd(width)}  ${description}\n`).join(""));
  return EXIT.pass;
}

/** The whole policy, extensions filled in, as a file that says the same. */
export async function policyShowCommand(name: string, terminal: Terminal): Promise<number> {
  // Its texts stand in quotes, in which YAML takes JSON's escapes.
  await terminal.out(escapeJson(printPolicy(await choosePolicy(name))));
  return EXIT.pass;
}

export async function policyInitCommand(
  file: string,
  options: { readonly extends: string; readonly force: boolean },
  terminal: Terminal,
): Promise<number> {
  const extended = builtIn.find(({ id }) => id === options.extends);
  if (!extended)
    throw new ScanError(
      "usage",
      `no policy ${options.extends} to extend; there are: ${builtIn.map(({ id }) => id).join(", ")}`,
    );
  try {
    await writeFile(file, starterPolicy(extended), { flag: options.force ? "w" : "wx" });
  } catch (error) {
    const exists = error instanceof Error && "code" in error && error.code === "EEXIST";
    const why = exists
      ? "it is there already (--force writes over it)"
      : error instanceof Error
        ? error.message
        : String(error);
    throw new ScanError("usage", `cannot write ${file}: ${why}`);
  }
  terminal.err(
    `sixray: wrote ${escapeText(file)}; check it with: sixray policy validate ${escapeText(file)}\n`,
  );
  return EXIT.pass;
}

/** A line for each file that is fine on standard output, one for each problem on standard error. */
export async function policyValidateCommand(files: readonly string[], terminal: Terminal): Promise<number> {
  const { readPolicy } = await import("../../policy/document/read.ts");
  let code: number = EXIT.pass;
  for (const file of files) {
    let text: string;
    try {
      text = await policyText(file);
    } catch (error) {
      if (!(error instanceof ScanError)) throw error;
      terminal.err(`${escapeText(file)}: ${escapeText(error.message)}\n`);
      code = EXIT.usage;
      continue;
    }
    const found = readPolicy(text, file);
    if ("problems" in found) {
      for (const problem of found.problems) terminal.err(`${escapeText(problemLine(problem))}\n`);
      code = EXIT.usage;
      continue;
    }
    const { policy } = found;
    const day = today();
    for (const { id, expires } of policy.waivers ?? [])
      if (expires < day)
        terminal.err(`${escapeText(file)}: warning: the waiver ${id} expired on ${expires}\n`);
    const count = `${rulesOf(policy).length} rules, ${policy.waivers?.length ?? 0} waivers`;
    await terminal.out(`${escapeText(file)}: ok (${count})\n`);
  }
  return code;
}
