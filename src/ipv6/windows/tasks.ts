import { isShell, isUsual, programOf } from "./commands.ts";
import { leadsIn } from "./leads.ts";

const FOLDER = "/Windows/System32"; // where a task starts
const ACTIONS_MAX = 32; // Task Scheduler's own limit

/**
 * Why a scheduled task that runs as Windows starts may do anything; undefined when it does not run then, or runs a script
 * (which is read) or an installed program. Source: MS-TSCH, section 2.5, XML task definition.
 */
export function taskDoubt(xml: string): string | undefined {
  if (!/<BootTrigger\b/i.test(xml) || isDisabled(xml)) return undefined;
  for (const action of xml.split(/<Exec\b/i).slice(1, 1 + ACTIONS_MAX)) {
    const path = elementIn(action, "Command");
    const command = `${path} ${elementIn(action, "Arguments")}`.trim();
    // All of the element is the path, with quotes or without.
    const program = programOf(`"${path.replaceAll('"', "")}"`);
    if (isShell(program) && leadsIn(command, FOLDER).length === 0)
      return `is a command line for a shell: ${command}`;
    if (!isUsual(program))
      return `comes from a place where neither Windows nor an installed program lies: ${command}`;
  }
  return undefined;
}

function isDisabled(xml: string): boolean {
  return /<Enabled>\s{0,9}false/i.test(xml.split(/<Settings\b/i)[1]?.split(/<\/Settings/i)[0] ?? "");
}

/** The text of the first element of that name; empty when there is none. */
function elementIn(xml: string, name: string): string {
  const text = xml.split(new RegExp(`<${name}>`, "i"))[1]?.split("<")[0] ?? "";
  return text
    .replaceAll("&quot;", '"')
    .replaceAll("&apos;", "'")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&")
    .trim();
}
