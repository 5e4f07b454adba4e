import type { Evidence } from "../../model/locator.ts";
import { aboutIpv6 } from "./text.ts";

/** A command line that the registry has Windows run. */
export interface Command {
  /** `the service Spooler`. */
  readonly what: string;
  readonly text: string;
  readonly evidence: Evidence;
}

/** What the beginning of a path stands for, on a Windows that is installed as usual. */
const PLACES: readonly (readonly [begin: RegExp, place: string])[] = [
  [/^\\\?\?\\/, ""],
  [/^(?:%(?:SystemRoot|WinDir)%|\\SystemRoot)(?=\\)/i, "C:\\Windows"],
  [/^%SystemDrive%(?=\\)/i, "C:"],
  [/^%ProgramFiles(?:\(x86\))?%(?=\\)/i, "C:\\Program Files"],
  [/^%CommonProgramFiles(?:\(x86\))?%(?=\\)/i, "C:\\Program Files\\Common Files"],
  [/^%(?:ProgramData|AllUsersProfile)%(?=\\)/i, "C:\\ProgramData"],
  [/^(?:system32|syswow64)(?=\\)/i, "C:\\Windows\\System32"],
];
const USUAL =
  /^C:\\(?:Windows\\(?!Temp\\|Setup\\|OEM\\)|Program Files(?: \(x86\))?\\|ProgramData\\Microsoft\\Windows Defender\\)/i;
/** Without a folder: found in that of the system. */
const SYSTEM_PROGRAM = /^[\w-]+(?:\.exe)?$/;
const SHELL =
  /(?:^|\\)(?:cmd|powershell|pwsh|[wc]script|mshta|pythonw?\d*|perl|ruby|bash|wsl|reg|netsh)(?:\.exe)?$/i;

/** Whether it says something about IPv6. */
export function speaks({ text }: Command): boolean {
  return aboutIpv6(text) !== undefined;
}

/** The program that a command line starts: its path, as far as that can be told. */
export function programOf(command: string): string {
  const line = command.trim();
  const [, quoted] = /^"([^"]*)"?/.exec(line) ?? [];
  // Without quotes a path may hold spaces all the same: it goes on to the first name of a program.
  const [bare = line] =
    quoted === undefined ? (/^.*?\.exe(?=\s|$)/i.exec(line) ?? line.split(/\s/)) : [quoted];
  let path = bare.trim().replaceAll("/", "\\");
  for (const [begin, place] of PLACES) path = path.replace(begin, () => place);
  return path;
}

/** Whether a program lies where Windows' own and installed ones do. */
export function isUsual(program: string): boolean {
  return SYSTEM_PROGRAM.test(program) || (USUAL.test(program) && !program.split("\\").includes(".."));
}

/** Whether it runs what its arguments say. */
export function isShell(program: string): boolean {
  return SHELL.test(program);
}
