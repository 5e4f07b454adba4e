import { matchesPattern } from "../../pattern.ts";
import type { Command } from "./parse.ts";

/** The modules of a kernel, as far as they are known. */
export type Modules = ReadonlyMap<
  string,
  { readonly depends: readonly string[]; readonly aliases: readonly string[] }
>;

/** What modprobe does for one module: load it with these options, or run a command in its place. */
export interface Action {
  readonly module: string;
  readonly kind: "insmod" | "install";
  /** The command; empty for `insmod`. */
  readonly text: string;
  /** Parameters. */
  readonly options: string;
  readonly because: readonly Command[];
}

export interface Request {
  readonly actions: readonly Action[];
  /** What kept a module from being tried at all. */
  readonly blockedBy: readonly Command[];
}

interface Candidate {
  readonly name: string;
  readonly alias: string | undefined;
  /** The line by which it was found, where it was one. */
  readonly install?: Command | undefined;
}

/**
 * What `modprobe NAME` does, with `-b` when `applyBlacklist`. The order of the places a name is looked up in, of
 * dependencies, soft dependencies, and the rule that the first matching `install` counts are kmod's. Source:
 * kmod, libkmod/libkmod-module.c, kmod_module_new_from_lookup and kmod_module_probe_insert_module.
 */
export function modprobe(
  commands: readonly Command[],
  modules: Modules,
  name: string,
  applyBlacklist: boolean,
): Request {
  const actions: Action[] = [];
  const blockedBy: Command[] = [];
  const wanted = name.replaceAll("-", "_");
  for (const found of lookUp(commands, modules, wanted)) {
    const blacklist = commands.find(
      ({ keyword, subject }) => keyword === "blacklist" && subject === found.name,
    );
    if (blacklist && (applyBlacklist || found.alias !== undefined)) blockedBy.push(blacklist);
    else for (const one of probeList(commands, modules, found)) actions.push(actionOf(commands, one));
  }
  const redirected = commands.filter(
    ({ keyword, subject, rest }) =>
      keyword === "alias" && matchesPattern(subject, wanted) && !modules.has(rest),
  );
  const isKnown = (action: Action): boolean => action.kind === "install" || modules.has(action.module);
  return { actions: actions.filter(isKnown), blockedBy: [...blockedBy, ...redirected] };
}

/** Aliases of the configuration, module names, `install` lines, then the modules' own aliases: the first that hit. */
function lookUp(commands: readonly Command[], modules: Modules, name: string): readonly Candidate[] {
  const aliases = commands.filter(
    ({ keyword, subject }) => keyword === "alias" && matchesPattern(subject, name),
  );
  if (aliases.length > 0) return aliases.map(({ subject, rest }) => ({ name: rest, alias: subject }));
  if (modules.has(name)) return [{ name, alias: undefined }];
  const install = commands.find(({ keyword, subject }) => keyword === "install" && subject === name);
  if (install) return [{ name, alias: undefined, install }];
  return [...modules].flatMap(([module, { aliases: own }]) =>
    own.filter((alias) => matchesPattern(alias, name)).map((alias) => ({ name: module, alias })),
  );
}

interface Probe extends Candidate {
  /** Soft dependencies make kmod overlook the module's `install`. */
  readonly ignoresInstall: boolean;
}

/** What is tried, in order: dependencies and soft dependencies first. */
function probeList(commands: readonly Command[], modules: Modules, first: Candidate): readonly Probe[] {
  const list: Probe[] = [];
  const visited = new Set<string>();
  const withSoft = (one: Candidate): void => {
    const soft = commands.find(
      ({ keyword, subject }) => keyword === "softdep" && matchesPattern(subject, one.name),
    );
    const { pre, post } = softDependencies(soft?.rest ?? "");
    const resolve = (names: readonly string[]): readonly Candidate[] =>
      names.flatMap((name) => lookUp(commands, modules, name.replaceAll("-", "_")));
    const before = resolve(pre);
    const after = resolve(post);
    for (const other of before) visit(other);
    list.push({ ...one, ignoresInstall: before.length + after.length > 0 });
    for (const other of after) visit(other);
  };
  const visit = (one: Candidate): void => {
    const key = `${one.name} ${one.alias ?? ""}`;
    if (visited.has(key)) return;
    visited.add(key);
    for (const name of modules.get(one.name)?.depends ?? []) withSoft({ name, alias: undefined });
    withSoft(one);
  };
  visit(first);
  return list;
}

function softDependencies(text: string): {
  readonly pre: readonly string[];
  readonly post: readonly string[];
} {
  const pre: string[] = [];
  const post: string[] = [];
  let into: string[] | undefined;
  // One blank in front sticks to the first word, which then is none that kmod knows.
  const stuck = /^[ \t\n\v\f\r][^ \t\n\v\f\r]/.test(text);
  const words = text.split(/[ \t\n\v\f\r]+/).filter((one) => one !== "");
  for (const word of stuck ? words.slice(1) : words) {
    if (word === "pre:") into = pre;
    else if (word === "post:") into = post;
    else into?.push(word);
  }
  return { pre, post };
}

function actionOf(
  commands: readonly Command[],
  { name, alias, ignoresInstall, install: own }: Probe,
): Action {
  const options = commands.filter(
    ({ keyword, subject }) => keyword === "options" && (subject === name || subject === alias),
  );
  const given = options.map(({ rest }) => rest).join(" ");
  const install = ignoresInstall
    ? undefined
    : (own ??
      commands.find(({ keyword, subject }) => keyword === "install" && matchesPattern(subject, name)));
  if (install)
    return { module: name, kind: "install", text: install.rest, options: given, because: [install] };
  return { module: name, kind: "insmod", text: "", options: given, because: options };
}
