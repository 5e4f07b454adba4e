/** The commands that decide what boots. Source: GRUB manual, "Commands". */
import { loadBlsEntries } from "./blscfg.ts";
import { parseEnvBlock } from "./env-block.ts";
import type { Call, Command, Interpreter, Status } from "./interpreter.ts";
import { labelDevice } from "./paths.ts";
import { evaluateTest, integer } from "./test-command.ts";
import { Undecidable } from "./undecidable.ts";
import { isKnown } from "./unknowns.ts";

const OK: Status = "0";
const FAILED: Status = "1";
const UNKNOWN: Status = undefined;

const done: Command = () => OK;

const set: Command = ({ args, evidence, origins }, { state }) => {
  const [assignment] = args;
  if (assignment === undefined) return OK;
  const equals = assignment.indexOf("=");
  if (equals <= 0) return FAILED;
  state.set(assignment.slice(0, equals), assignment.slice(equals + 1), [evidence, ...origins]);
  return OK;
};

const unset: Command = ({ args: [name] }, { state }) => {
  if (name === undefined) return FAILED;
  state.variables.delete(name);
  return OK;
};

const exportNames: Command = ({ args }, { state }) => {
  for (const name of args) state.export(name);
  return OK;
};

const test: Command = ({ args }, grub) => {
  const truth = evaluateTest(
    args,
    {
      kind: (path) => grub.paths.kind(path, grub.root),
      isEmpty: (path) => grub.paths.isEmpty(path, grub.root),
    },
    grub.unknowns,
  );
  return truth === "unknown" ? UNKNOWN : truth ? OK : FAILED;
};

const loadEnv: Command = (call, grub) => {
  const { named, rest } = options(call.args, ["--file", "-f"]);
  const path = named ?? `${grub.state.value("prefix")}/grubenv`;
  const found = grub.paths.text(known(path, call), grub.root);
  if (found.state === "absent") return FAILED;
  if (found.state === "unreadable") throw new Undecidable(`${call.place}: ${found.reason}`);
  grub.charge(found.value.text.length / 100);
  const variables = parseEnvBlock(found.value);
  if (variables === undefined) return FAILED;
  for (const { name, value, line } of variables) {
    if (rest.length > 0 && !rest.includes(name)) continue;
    const isOnce = name === NEXT && value !== "";
    if (isOnce) grub.once.isRead = true;
    grub.state.set(name, isOnce && grub.isLater ? "" : value, [found.value.evidence(line)]);
  }
  return OK;
};

/** What grub-reboot(8) sets, for one boot. */
const NEXT = "next_entry";

const saveEnv: Command = (call, grub) => {
  const { rest } = options(call.args, ["--file", "-f"]);
  if (rest.includes(NEXT) && grub.state.value(NEXT) === "") grub.once.isCleared = true;
  return OK;
};

const source: Command = (call, grub) => {
  const file = open(call, grub);
  if (file === undefined) return FAILED;
  grub.runFile(file);
  return grub.state.status;
};

const configfile: Command = (call, grub) => {
  const file = open(call, grub);
  if (file === undefined) return FAILED;
  grub.runNested(file);
  return OK;
};

const normal: Command = (call, grub) =>
  configfile(
    { ...call, args: call.args.length > 0 ? call.args : [`${grub.state.value("prefix")}/grub.cfg`] },
    grub,
  );

/** Runs its arguments as a script. */
const evaluate: Command = ({ args, place, evidence }, grub) => {
  grub.runText(args.join(" "), { name: place, evidence: () => evidence });
  return grub.state.status;
};

/** `search` always finds; the device gets a name that tells where it came from. */
const search: Command = ({ name, args }, { state }) => {
  const flags = new Set(args.filter((arg) => arg.startsWith("-")).map((arg) => arg.replace(/=.*/s, "")));
  const joined = args.find((arg) => arg.startsWith("--set="))?.slice("--set=".length);
  const after = args.findIndex((arg) => arg === "--set" || arg === "-s");
  const hints = args.flatMap((arg, index) =>
    arg.startsWith("--hint") && !arg.includes("=") ? [index + 1] : [],
  );
  const taken = new Set([...hints, ...(after === -1 ? [] : [after + 1])]);
  const words = args.filter((arg, index) => !arg.startsWith("-") && !taken.has(index));
  const short = name.startsWith("search."); // search.fs_uuid UUID [VARIABLE]
  const variable = short ? words[1] : (joined ?? (after === -1 ? undefined : args[after + 1]));
  const byLabel = ["--label", "-l", "--part-label"].some((flag) => flags.has(flag)) || name.endsWith("label");
  const device = byLabel ? labelDevice(words[0] ?? "") : "search";
  if (variable !== undefined || short) state.set(variable ?? "root", device);
  return UNKNOWN;
};

const linux: Command = ({ args: [file, ...args], evidence, origins }, { state }) => {
  if (file === undefined) return FAILED;
  const kernel = file.replace(/^\([^)]*\)/, "");
  state.loaded = { kind: "linux", kernel, args, evidence: distinctLines([evidence, ...origins]) };
  return OK;
};

const loadOther: Command = ({ name, args, place }, { state }) => {
  state.loaded = { kind: "other", what: `${place} starts something else: ${[name, ...args].join(" ")}` };
  return OK;
};

const boot: Command = (_call, { state }) => {
  if (state.loaded === undefined) return FAILED;
  state.outcome = { entry: "", loaded: state.loaded };
  state.flow = { kind: "over" };
  return OK;
};

const leave: Command = ({ name, place }, { state }) => {
  state.outcome = { entry: "", loaded: { kind: "other", what: `${place} leaves GRUB: ${name}` } };
  state.flow = { kind: "over" };
  return OK;
};

const menuEntry: Command = (call, grub) => {
  const { args, block } = call;
  const words: string[] = [];
  let id: string | undefined;
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? "";
    const option = /^--(class|users|hotkey|source|id)(?:=(.*))?$/s.exec(arg);
    if (option === null) {
      if (arg !== "--unrestricted") words.push(arg);
      continue;
    }
    const value = option[2] ?? args[++i] ?? "";
    if (option[1] === "source") throw new Undecidable(`${call.place}: an entry made of text`);
    if (option[1] === "id") id = value;
  }
  const [title] = words;
  if (title === undefined || block === undefined) return FAILED;
  grub.addEntry({
    title,
    id: id ?? title,
    submenu: call.name === "submenu",
    body: block,
    params: words,
    maybe: false,
  });
  return OK;
};

const leaveLoop: Command = ({ name, args: [count = "1"] }, { state }) => {
  const loops = Math.min(integer(count), state.loops);
  if (loops > 0) state.flow = { kind: "break", loops, goOn: name === "continue" };
  return OK;
};

const leaveFunction: Command = ({ args: [status] }, { state }) => {
  if (state.params === undefined) return FAILED;
  state.flow = { kind: "return" };
  return status ?? state.status;
};

const shift: Command = ({ args: [count = "1"] }, { state }) => {
  if (state.params === undefined) return OK;
  const by = integer(count);
  if (by < 0 || by > state.params.length) return FAILED;
  state.params = state.params.slice(by);
  return OK;
};

const setParams: Command = ({ args }, { state }) => {
  if (state.params === undefined) return FAILED;
  state.params = args;
  return OK;
};

const count: Command = ({ name, args: [variable], evidence }, grub) => {
  if (variable === undefined) return FAILED;
  const value = grub.state.value(variable);
  const step = name === "increment" ? 1 : -1;
  grub.state.set(variable, isKnown(value) ? String(integer(value) + step) : grub.unknowns.word(), [evidence]);
  return OK;
};

/** Commands that set variables to what only the machine knows: name of the option, or position. */
const asks =
  (...positions: readonly number[]): Command =>
  ({ args, evidence }, grub) => {
    const { rest } = options(args, ["-d", "-u", "-e", "-g", "-b", "-t"]);
    const names = [
      ...positions.map((position) => rest.at(position)),
      ...args.flatMap((arg, index) => (/^-[dueb]$/.test(arg) ? [args[index + 1]] : [])),
    ];
    for (const name of names) if (name !== undefined) grub.state.set(name, grub.unknowns.word(), [evidence]);
    return UNKNOWN;
  };

const hwmatch: Command = ({ evidence }, grub) => {
  grub.state.set("match", grub.unknowns.oneOf(["0", "1"]), [evidence]);
  return UNKNOWN;
};

const insmod: Command = ({ args }, { state }) => {
  if (args.includes("regexp")) state.matchesNames = true;
  return UNKNOWN;
};

const blscfg: Command = (call, grub) => {
  loadBlsEntries(call, grub);
  return OK;
};

const unfollowed: Command = ({ name, place }) => {
  throw new Undecidable(`${place}: ${name} is not followed`);
};

export const commands: Readonly<Record<string, Command>> = {
  set,
  unset,
  export: exportNames,
  "[": test,
  test,
  true: done,
  false: () => FAILED,
  ":": done,
  echo: done,
  sleep: done,
  save_env: saveEnv,
  list_env: done,
  load_env: loadEnv,
  ".": source,
  source,
  configfile,
  normal,
  eval: evaluate,
  search,
  "search.file": search,
  "search.fs_label": search,
  "search.fs_uuid": search,
  "search.part_label": search,
  "search.part_uuid": search,
  linux,
  linux16: linux,
  linuxefi: linux,
  initrd: done,
  initrd16: done,
  initrdefi: done,
  chainloader: loadOther,
  efi: loadOther,
  multiboot: loadOther,
  multiboot2: loadOther,
  xen_hypervisor: loadOther,
  boot,
  exit: leave,
  normal_exit: leave,
  halt: leave,
  reboot: leave,
  fwsetup: ({ args, ...call }, grub) => (args.length > 0 ? UNKNOWN : leave({ ...call, args }, grub)),
  menuentry: menuEntry,
  submenu: menuEntry,
  hiddenentry: done,
  break: leaveLoop,
  continue: leaveLoop,
  return: leaveFunction,
  shift,
  setparams: setParams,
  increment: count,
  decrement: count,
  keystatus: ({ args }) => (args.length === 0 ? UNKNOWN : FAILED), // nobody holds a key
  getenv: asks(),
  "gptprio.next": asks(),
  gptpriority: asks(-1),
  hwmatch,
  insmod,
  blscfg,
  bls_import: blscfg,
  uki: unfollowed,
  blsuki: unfollowed,
  legacy_configfile: unfollowed,
  legacy_source: unfollowed,
  syslinux_configfile: unfollowed,
  extract_entries_source: unfollowed,
  extract_entries_configfile: unfollowed,
};

function open(call: Call, grub: Interpreter): ReturnType<typeof openPath> {
  const [path] = call.args;
  return path === undefined ? undefined : openPath(known(path, call), call, grub);
}

function openPath(path: string, call: Call, grub: Interpreter) {
  const found = grub.paths.text(path, grub.root);
  if (found.state === "unreadable") throw new Undecidable(`${call.place}: ${found.reason}`);
  return found.state === "found" ? found.value : undefined;
}

function known(path: string, call: Call): string {
  if (!isKnown(path)) throw new Undecidable(`${call.place}: the file's name depends on the running machine`);
  return path;
}

/** The value of the first of `flags` that is given, and the words that are neither flags nor their values. */
function options(
  args: readonly string[],
  flags: readonly string[],
): { named: string | undefined; rest: readonly string[] } {
  let named: string | undefined;
  const rest: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? "";
    const flag = flags.find((one) => arg === one || (one.startsWith("--") && arg.startsWith(`${one}=`)));
    if (flag !== undefined) named ??= arg === flag ? args[++i] : arg.slice(flag.length + 1);
    else if (!arg.startsWith("-")) rest.push(arg);
  }
  return { named, rest };
}

function distinctLines(lines: readonly Call["evidence"][]): readonly Call["evidence"][] {
  return lines.filter(
    (line, index) =>
      lines.findIndex((other) => other.locator === line.locator && other.line === line.line) === index,
  );
}
