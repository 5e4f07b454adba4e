/**
 * Runs GRUB scripts as far as files alone tell. Where a condition depends on the running machine both ways
 * are taken and merged; where that is not possible `Undecidable` says why. Source: GRUB manual, chapters
 * "Shell-like scripting" and "Commands".
 */
import type { Evidence } from "../../../model/locator.ts";
import type { TextFile } from "../files.ts";
import { commands } from "./commands.ts";
import { defaultEntries, splitDefault } from "./menu.ts";
import { parseScript, placeOf } from "./parser.ts";
import type { GrubPaths } from "./paths.ts";
import { type MenuEntry, mergeOutcomes, mergeStates, ON, type Outcome, State } from "./state.ts";
import type { Block, Source, Statement } from "./syntax.ts";
import { Undecidable } from "./undecidable.ts";
import { isKnown, Unknowns } from "./unknowns.ts";
import { expandWords } from "./words.ts";

const STEPS_MAX = 50_000;
const DEPTH_MAX = 40;
const MENU_MAX = 1000;

/** One command as it is run. */
export interface Call {
  readonly name: string;
  readonly args: readonly string[];
  readonly block: Block | undefined;
  /** The command's line. */
  readonly evidence: Evidence;
  /** Lines that gave the variables in it their values. */
  readonly origins: readonly Evidence[];
  /** For messages. */
  readonly place: string;
}

/** `$?` of a command: "0" is success; undefined when only the running machine knows. */
export type Status = string | undefined;
export type Command = (call: Call, grub: Interpreter) => Status;

export class Interpreter {
  readonly unknowns: Unknowns = new Unknowns();
  readonly paths: GrubPaths;
  readonly commands: ReadonlyMap<string, Command>;
  /** Where scripts could not be parsed. */
  readonly syntaxErrors: Set<string> = new Set();
  /** `next_entry` as a boot finds it once: read from the environment block, and cleared there. */
  readonly once: { isRead: boolean; isCleared: boolean } = { isRead: false, isCleared: false };
  /** It was cleared by a boot before this one. */
  readonly isLater: boolean;
  state: State = new State();
  #steps = 0;
  #depth = 0;

  constructor(paths: GrubPaths, extra: Readonly<Record<string, Command>> = {}, isLater: boolean = false) {
    this.paths = paths;
    this.isLater = isLater;
    this.commands = new Map([...Object.entries(commands), ...Object.entries(extra)]);
    for (const feature of FEATURES) this.preset(`feature_${feature}`, "y");
  }

  /** A variable as GRUB has it before it reads anything. */
  preset(name: string, value: string): void {
    this.state.variables.set(name, { value, exported: true, origins: [] });
  }

  /** Where relative devices lead. */
  get root(): string {
    return this.state.value("root");
  }

  /** Runs a configuration file and what its menu boots by default. Undefined when it has no entry. */
  boot(file: TextFile): Outcome | undefined {
    this.runFile(file);
    if (this.state.outcome === undefined && this.state.menu.length > 0 && this.state.flow.kind !== "over")
      this.state.outcome = this.#runMenu(this.state.menu, "");
    return this.state.outcome;
  }

  /** Runs a file in the present context, with `config_file` and `config_directory` set. */
  runFile(file: TextFile): void {
    const { variables } = this.state;
    const saved = ["config_file", "config_directory"].map((name) => [name, variables.get(name)] as const);
    this.preset("config_file", file.path);
    this.preset("config_directory", file.path.slice(0, file.path.lastIndexOf("/")));
    this.runText(file.text, { name: file.path, evidence: (line) => file.evidence(line) });
    for (const [name, variable] of saved) {
      if (variable === undefined) this.state.variables.delete(name);
      else this.state.variables.set(name, variable);
    }
  }

  /** `configfile`: a fresh context; when it has a menu, that is shown and nothing comes back. */
  runNested(file: TextFile): void {
    const outer = this.state;
    this.state = outer.clone();
    this.state.variables = outer.exported();
    this.state.menu = [];
    const outcome = this.#deeper(() => this.boot(file));
    const inner = this.state;
    this.state = outer;
    outer.hasBls ||= inner.hasBls;
    if (outcome === undefined && inner.flow.kind !== "over") return;
    outer.outcome = outcome;
    outer.flow = { kind: "over" };
  }

  runText(text: string, source: Source): void {
    this.charge(text.length / 100);
    const { statements, errors } = parseScript(text, source);
    for (const line of errors) this.syntaxErrors.add(`${source.name} line ${line}`);
    this.#deeper(() => this.run(statements));
  }

  run(block: Block): void {
    for (const statement of block) {
      if (this.state.flow.kind !== "on") return;
      this.charge(1);
      this.#statement(statement);
    }
  }

  /** A function's or entry's body with its own `$1`... */
  runScope(body: Block, params: readonly string[]): void {
    const { params: outer, loops } = this.state;
    this.state.params = params;
    this.state.loops = 0;
    this.#deeper(() => this.run(body));
    this.state.params = outer;
    this.state.loops = loops;
    if (this.state.flow.kind === "return") this.state.flow = ON;
  }

  addEntry(entry: MenuEntry): void {
    if (this.state.menu.length >= MENU_MAX) throw new Undecidable(`a menu has more than ${MENU_MAX} entries`);
    this.state.menu = [...this.state.menu, entry];
  }

  /** What `entry` would start, without leaving a trace. Undefined when it starts nothing. */
  tryEntry(entry: MenuEntry, path: string): Outcome | undefined {
    const before = this.state;
    this.charge(before.variables.size);
    this.state = before.clone();
    this.state.outcome = undefined;
    this.state.flow = ON;
    try {
      return this.#runEntry(entry, path);
    } finally {
      this.state = before;
    }
  }

  /** The entries of a submenu, as it would show them. */
  entriesOf(submenu: MenuEntry): readonly MenuEntry[] {
    const before = this.state;
    this.state = before.clone();
    this.#openSubmenu();
    try {
      this.state.flow = ON;
      this.runScope(submenu.body, submenu.params);
      return this.state.menu;
    } finally {
      this.state = before;
    }
  }

  #runMenu(menu: readonly MenuEntry[], path: string): Outcome | undefined {
    return this.#deeper(() => this.#bootDefault(menu, path));
  }

  #bootDefault(menu: readonly MenuEntry[], path: string): Outcome | undefined {
    const value = this.state.value("default");
    const values = this.unknowns.alternatives(value);
    const entries =
      values === undefined
        ? menu
        : [...new Set(values.flatMap((one) => defaultEntries(menu, one, this.state.hasBls)))];
    const [first, ...rest] = entries.map((entry) => this.tryEntry(entry, path));
    return rest.reduce((a, b) => mergeOutcomes(a, b, this.unknowns), first);
  }

  #runEntry(entry: MenuEntry, path: string): Outcome | undefined {
    const name = `${path}${entry.title}`;
    const { rest } = splitDefault(this.state.value("default"));
    if (entry.submenu) this.#openSubmenu();
    if (rest !== undefined && rest !== "") this.state.set("default", rest);
    this.state.set("chosen", name);
    this.state.loaded = undefined;
    this.runScope(entry.body, entry.params);
    const { loaded, outcome, menu } = this.state;
    if (outcome !== undefined) return outcome;
    if (loaded !== undefined) return { entry: name, loaded, ...(entry.bls ? { bls: entry.bls } : {}) };
    return entry.submenu && menu.length > 0 ? this.#runMenu(menu, `${name}>`) : undefined;
  }

  #openSubmenu(): void {
    this.state.variables = this.state.exported();
    this.state.menu = [];
  }

  #statement(statement: Statement): void {
    switch (statement.kind) {
      case "function":
        this.state.functions.set(statement.name, statement.body);
        return;
      case "command":
        this.#command(statement);
        return;
      case "if":
        this.#deeper(() => this.#if(statement));
        return;
      case "for":
        this.#for(statement);
        return;
      case "while":
        this.#while(statement);
        return;
    }
  }

  #command(statement: Extract<Statement, { kind: "command" }>): void {
    const { args, origins } = expandWords(statement.words, this.state, this.unknowns);
    this.charge(args.reduce((sum, arg) => sum + arg.length, 0) / 200);
    const inverted = args[0] === "!";
    const [name, ...rest] = inverted ? args.slice(1) : args;
    if (name === undefined) return;
    const call: Call = {
      name,
      args: rest,
      block: statement.block,
      evidence: statement.source.evidence(statement.line),
      origins: [...(statement.source.origins ?? []), ...origins],
      place: placeOf(statement.source, statement.line),
    };
    const status = this.#call(call) ?? this.unknowns.oneOf(["0", "1"]);
    this.state.status = inverted ? this.#mapStatus(status, (one) => (one === "0" ? "1" : "0")) : status;
  }

  /** A command, else a function, else an assignment, in this order. */
  #call(call: Call): Status {
    const names = this.unknowns.alternatives(call.name);
    const known = names?.map((name) => this.commands.get(name));
    const [command] = known ?? [];
    // `linux$suffix`: fine as long as every spelling is the same command.
    if (command !== undefined && known?.every((one) => one === command)) return command(call, this);
    if (!isKnown(call.name))
      throw new Undecidable(`${call.place}: which command runs depends on the machine`);
    const body = this.state.functions.get(call.name);
    if (body !== undefined) {
      this.runScope(body, call.args);
      return this.state.status;
    }
    const equals = call.name.indexOf("=");
    if (equals > 0) {
      this.state.set(call.name.slice(0, equals), call.name.slice(equals + 1), [
        call.evidence,
        ...call.origins,
      ]);
      return "0";
    }
    return this.#unmodelled(call);
  }

  /** A command this reader does not follow: what it sets and whether it succeeds are not known. */
  #unmodelled(call: Call): Status {
    for (const [index, arg] of call.args.entries()) {
      const name =
        /^--set=(.+)$/.exec(arg)?.[1] ?? (/^(?:--set|-s)$/.test(arg) ? call.args[index + 1] : undefined);
      if (name !== undefined)
        this.state.set(name.replace(/^[0-9]+:/, ""), this.unknowns.any(), [call.evidence]);
    }
    return undefined;
  }

  #if(statement: Extract<Statement, { kind: "if" }>): void {
    this.run(statement.condition);
    if (this.state.flow.kind !== "on") return;
    const truth = this.#succeeded();
    const go = (way: boolean): void => {
      const block = way ? statement.whenTrue : statement.whenFalse;
      // The block sees the condition's status; an `if` that runs nothing succeeds.
      this.state.status = way || block.length === 0 ? "0" : truth === "unknown" ? "1" : this.state.status;
      this.run(block);
    };
    if (truth !== "unknown") {
      go(truth);
      return;
    }
    const before = this.state;
    this.charge(before.variables.size);
    const after = [true, false].map((way) => {
      this.state = before.clone();
      go(way);
      return this.state;
    });
    this.state = after.reduce((a, b) => mergeStates(a, b, this.unknowns));
  }

  #for(statement: Extract<Statement, { kind: "for" }>): void {
    const { args, origins } = expandWords(statement.words, this.state, this.unknowns);
    if (args.some((arg) => this.unknowns.splits(arg)))
      throw new Undecidable(
        `${placeOf(statement.source, statement.line)}: the loop depends on the running machine`,
      );
    this.state.status = "0";
    this.state.loops++;
    for (const arg of args) {
      this.state.set(statement.name, arg, origins);
      this.run(statement.body);
      if (this.#leavesLoop()) break;
    }
    this.state.loops--;
  }

  #while(statement: Extract<Statement, { kind: "while" }>): void {
    this.state.loops++;
    for (;;) {
      this.charge(1);
      this.run(statement.condition);
      if (this.state.flow.kind !== "on") break;
      const truth = this.#succeeded();
      if (truth === "unknown") throw new Undecidable("how often a loop runs depends on the running machine");
      if (truth === statement.until) break;
      this.run(statement.body);
      if (this.#leavesLoop()) break;
    }
    this.state.loops--;
  }

  /** Settles `break` and `continue` for one loop; true when the loop ends. */
  #leavesLoop(): boolean {
    const { flow } = this.state;
    if (flow.kind === "on") return false;
    if (flow.kind !== "break") return true;
    if (flow.loops > 1) {
      this.state.flow = { ...flow, loops: flow.loops - 1 };
      return true;
    }
    this.state.flow = ON;
    return !flow.goOn;
  }

  #succeeded(): boolean | "unknown" {
    const values = this.unknowns.alternatives(this.state.status);
    if (values?.every((value) => value === "0")) return true;
    return values?.every((value) => value !== "0") ? false : "unknown";
  }

  #mapStatus(status: string, map: (one: string) => string): string {
    const values = this.unknowns.alternatives(status);
    return values === undefined ? status : this.unknowns.oneOf(values.map(map));
  }

  /** Counts work of about `steps` commands; a script that needs too much of it is given up. */
  charge(steps: number): void {
    this.#steps += steps;
    if (this.#steps > STEPS_MAX) throw new Undecidable("the script runs without end");
  }

  #deeper<T>(run: () => T): T {
    if (++this.#depth > DEPTH_MAX) throw new Undecidable("the scripts call each other too deeply");
    try {
      return run();
    } finally {
      this.#depth--;
    }
  }
}

const FEATURES = [
  "chainloader_bpb",
  "ntldr",
  "platform_search_hint",
  "default_font_path",
  "all_video_module",
  "menuentry_id",
  "menuentry_options",
  "200_final",
  "nativedisk_cmd",
  "timeout_style",
];
