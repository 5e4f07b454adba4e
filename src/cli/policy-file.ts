import { readFile } from "node:fs/promises";
import { dirname, isAbsolute, join } from "node:path";
import { ScanError } from "../errors.ts";
import type { Policy } from "../policy/policy.ts";
import { builtIn } from "../policy/templates/index.ts";

const FILE_BYTES_MAX = 1 << 20;

/** A policy that comes with sixray, by its name; else the file of that name. YAML is loaded for a file only. */
export async function choosePolicy(name: string): Promise<Policy> {
  const known = builtIn.find(({ id }) => id === name);
  if (known) return known;
  if (!/[/\\.]/.test(name)) {
    const { nearest } = await import("../policy/document/nearest.ts");
    const ids = builtIn.map(({ id }) => id);
    const near = nearest(name, ids);
    const hint = near === undefined ? `there are: ${ids.join(", ")}` : `did you mean ${near}?`;
    throw new ScanError(
      "usage",
      `no policy ${name}; ${hint} (a file is named with its ending: ./${name}.yaml)`,
    );
  }
  return readPolicyFile(name);
}

/** Throws with a line for each problem, `file:line:column: what is wrong`. */
export async function readPolicyFile(path: string): Promise<Policy> {
  const { readPolicy } = await import("../policy/document/read.ts");
  const found = readPolicy(await policyText(path), path);
  if ("problems" in found) throw problemsError(found.problems);
  return found.policy;
}

export interface Config {
  readonly policy: string | undefined;
  readonly targets: readonly string[];
}

/** `sixray.yaml`. Files in it are relative to it, whatever folder the command runs in. */
export async function readConfig(path: string): Promise<Config> {
  const [{ parseYaml }, { configDocument }] = await Promise.all([
    import("../policy/document/yaml.ts"),
    import("../policy/document/schema.ts"),
  ]);
  const found = parseYaml(await policyText(path), path, configDocument);
  if ("problems" in found) throw problemsError(found.problems);
  const { policy, targets } = found.value;
  const folder = dirname(path);
  const isFile = (name: string): boolean => !/^[a-z][a-z0-9+.-]*:/.test(name);
  const beside = (name: string): string => (isAbsolute(name) || folder === "." ? name : join(folder, name));
  return {
    policy: policy !== undefined && /[/\\.]/.test(policy) ? beside(policy) : policy,
    targets: targets.map((target) => (isFile(target) ? beside(target) : target)),
  };
}

/** The text of a policy or configuration file. Rejects with `usage` for what cannot be read, is no text or too large. */
export async function policyText(path: string): Promise<string> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw new ScanError(
      "usage",
      `cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  if (bytes.length > FILE_BYTES_MAX)
    throw new ScanError("usage", `${path} is larger than 1 MiB: not a file of settings`);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new ScanError("usage", `${path} is not UTF-8 text`);
  }
}

interface Placed {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** The first problem says where to look; how many more there are is said, too. */
function problemsError(problems: readonly Placed[]): ScanError {
  const [first, ...more] = problems;
  const rest =
    more.length > 0 ? ` (and ${more.length} more: sixray policy validate ${first?.file ?? ""})` : "";
  return new ScanError("usage", `${first ? problemLine(first) : "not a policy"}${rest}`);
}

export function problemLine({ file, line, column, message }: Placed): string {
  return `${file}:${line}:${column}: ${message}`;
}
