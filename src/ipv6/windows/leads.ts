/** A script that another text names. */
export interface Lead {
  /** As it stands there. */
  readonly named: string;
  /** Where it may lie on the volume, the likeliest first; empty when that cannot be told. */
  readonly paths: readonly string[];
  /** Named by its whole path: when nothing lies there, nothing runs. */
  readonly isWhole: boolean;
}

const SCRIPT = /\.(?:ps1|psm1|cmd|bat|vbs|vbe|js|wsf|reg)$/i;
/** Without a path it is a name that people write: Node.js. */
const PRODUCT = /^[^\\/]+\.js$/i;
const COMMENT = /^\s*(?:@?rem\b|::|#)/i;
const BREAKS = /[\s"'<>|&;,()=`]+/;
/** What stands alone in an element of a task or an answer file. */
const ELEMENT = />([^<>"']+)</g;
const QUOTED = /"([^"]+)"|'([^']+)'/g;
const ROOTED = /^(?:[a-z]:[\\/]|[%$\\.])/i;
const LEADS_MAX = 64;
const SYSTEM = "C:\\Windows\\System32";

/** What the variables say on a Windows that is installed as usual. */
const VARIABLES: readonly (readonly [name: RegExp, place: string])[] = [
  [/^(?:%SystemDrive%|\$env:SystemDrive)/i, "C:"],
  [/^(?:%(?:SystemRoot|WinDir)%|\$env:(?:SystemRoot|WinDir))/i, "C:\\Windows"],
  [/^(?:%(?:ProgramData|AllUsersProfile)%|\$env:(?:ProgramData|AllUsersProfile))/i, "C:\\ProgramData"],
  [/^(?:%ProgramFiles%|\$env:ProgramFiles)/i, "C:\\Program Files"],
];

/** The scripts that a script, an answer file or a task names; `folder` is where it lies itself. */
export function leadsIn(text: string, folder: string): readonly Lead[] {
  const names = new Set<string>();
  for (const line of text.replaceAll("&quot;", '"').split(/\r?\n/)) {
    if (COMMENT.test(line)) continue;
    for (const name of namesIn(line)) names.add(name);
    if (names.size >= LEADS_MAX) break;
  }
  return [...names].slice(0, LEADS_MAX).map((named) => lead(named, folder));
}

function namesIn(line: string): readonly string[] {
  const whole: string[] = [];
  const take = (all: string, text: string): string => {
    const inner = text.trim();
    if (!SCRIPT.test(inner) || !ROOTED.test(inner) || /[<>|"*?]/.test(inner)) return all;
    whole.push(inner);
    return " ";
  };
  // Only between quotes, and alone in an element, does a path hold spaces.
  const rest = line
    .replaceAll(ELEMENT, (all, inner: string) => take(all, inner))
    .replaceAll(QUOTED, (all, double: string | undefined, single: string | undefined) =>
      take(all, double ?? single ?? ""),
    );
  return [...whole, ...rest.split(BREAKS).filter((token) => SCRIPT.test(token) && !PRODUCT.test(token))];
}

function lead(named: string, folder: string): Lead {
  let path = named.replaceAll("/", "\\");
  path = path.replace(/^(?:%~dp0|\$PSScriptRoot)\\?/i, () => `C:${folder.replaceAll("/", "\\")}\\`);
  for (const [name, place] of VARIABLES) path = path.replace(name, () => place);
  if (/[%$*?{}[\]]/.test(path) || path.startsWith("\\\\") || /^\w{2,}:/.test(path))
    return { named, paths: [], isWhole: false };
  if (/^[a-z]:/i.test(path)) {
    const isHere = /^c:\\/i.test(path);
    return { named, paths: isHere ? [normal(path.slice(2))] : [], isWhole: isHere };
  }
  if (path.startsWith("\\")) return { named, paths: [normal(path)], isWhole: true };
  return {
    named,
    paths: [normal(`${folder}\\${path}`), normal(`${SYSTEM.slice(2)}\\${path}`)],
    isWhole: false,
  };
}

function normal(path: string): string {
  const parts: string[] = [];
  for (const part of path.split(/[\\/]+/)) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}
