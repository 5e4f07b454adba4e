import type { Evidence } from "../../../model/locator.ts";
import type { Observations } from "../../../model/observations.ts";
import { evidenceIn, type Line, textFile } from "../../lines.ts";
import { matchesPattern } from "../../pattern.ts";

export interface Option {
  readonly key: string;
  readonly value: string;
  readonly evidence: Evidence;
}

export interface Stanza {
  readonly name: string;
  readonly family: string;
  readonly method: string;
  readonly options: readonly Option[];
  readonly evidence: Evidence;
}

/** What comes up by itself: `auto`, `allow-hotplug`. */
export interface Started {
  /** An interface, or `/PATTERN`. */
  readonly name: string;
  /** The stanza that it takes, where that is another one: `name=stanza`. */
  readonly as: string | undefined;
  /** By udev, without the service. */
  readonly hotplug: boolean;
}

/** /etc/network/interfaces with all that it includes. */
export interface Interfaces {
  /** With the options of those that they inherit from. */
  readonly stanzas: readonly Stanza[];
  readonly started: readonly Started[];
  /** Patterns of `mapping`: a script chooses the stanza. */
  readonly mapped: readonly string[];
  /** Files and folders that are included and were not seen: `path`, perhaps a pattern. */
  readonly included: readonly string[];
  readonly unreadable: readonly {
    readonly path: string;
    readonly reason: string;
    readonly locator: string;
  }[];
}

export const MAIN = "/etc/network/interfaces";
const FILES_MAX = 200;
/** Of all files together, each as often as it is included. */
const LINES_MAX = 200_000;
const DEPTH_MAX = 10;
/** By all stanzas together. */
const INHERITED_MAX = 100_000;

/** Source: interfaces(5); ifupdown, config.c. */
export function readInterfaces(observations: Observations): Interfaces {
  const reader = new Reader(observations);
  reader.read(MAIN, 0);
  const { started, mapped, included, unreadable } = reader;
  const inheritance = new Inheritance(reader.stanzas);
  const stanzas = reader.stanzas.map((stanza) => ({ ...stanza, options: inheritance.optionsOf(stanza) }));
  const reason = `more than ${INHERITED_MAX} options are inherited, or more than ${DEPTH_MAX} deep: not all are followed`;
  const tooMuch = inheritance.isFull ? [{ path: MAIN, reason, locator: MAIN }] : [];
  return { stanzas, started, mapped, included, unreadable: [...unreadable, ...tooMuch] };
}

interface OwnStanza extends Stanza {
  readonly inherits: string | undefined;
}

/** What stanzas inherit, put in front of their own. */
class Inheritance {
  readonly #byName: ReadonlyMap<string, readonly OwnStanza[]>;
  readonly #resolved = new Map<string, readonly Option[]>();
  #left = INHERITED_MAX;
  isFull = false;

  constructor(stanzas: readonly OwnStanza[]) {
    this.#byName = Map.groupBy(stanzas, ({ name }) => name);
  }

  optionsOf({ inherits, options }: OwnStanza, depth = 0): readonly Option[] {
    if (inherits === undefined) return options;
    const more = depth < DEPTH_MAX ? this.#optionsOfName(inherits, depth + 1) : [];
    this.#left -= more.length;
    if (this.#left >= 0 && depth < DEPTH_MAX) return [...more, ...options];
    this.isFull = true;
    return options;
  }

  #optionsOfName(name: string, depth: number): readonly Option[] {
    const known = this.#resolved.get(name);
    if (known) return known;
    // Whoever comes back here inherits from itself.
    this.#resolved.set(name, []);
    const found = (this.#byName.get(name) ?? []).flatMap((stanza) => this.optionsOf(stanza, depth));
    this.#resolved.set(name, found);
    return found;
  }
}

class Reader {
  readonly stanzas: OwnStanza[] = [];
  readonly started: Started[] = [];
  readonly mapped: string[] = [];
  readonly included: string[] = [];
  readonly unreadable: { path: string; reason: string; locator: string }[] = [];
  readonly #observations: Observations;
  #files = 0;
  #lines = 0;
  #isFull = false;

  constructor(observations: Observations) {
    this.#observations = observations;
  }

  read(path: string, depth: number): void {
    if (this.#isFull) return;
    if (depth > DEPTH_MAX || this.#files >= FILES_MAX || this.#lines >= LINES_MAX) {
      this.#isFull = true;
      const reason =
        depth > DEPTH_MAX
          ? `included more than ${DEPTH_MAX} deep: it and what follows is not read`
          : `more than ${FILES_MAX} files or ${LINES_MAX} lines are included: it and what follows is not read`;
      this.unreadable.push({ path, reason, locator: path });
      return;
    }
    this.#files++;
    const file = textFile(this.#observations, path);
    if (file.state === "unreadable" && file.reason !== "is a directory")
      this.unreadable.push({ path, reason: file.reason, locator: file.locator });
    if (file.state !== "found") return;
    this.#lines += file.lines.length;
    let options: Option[] | undefined;
    for (const line of joined(file.lines)) {
      if (this.#isFull) return;
      const [word = "", ...rest] = line.text.trim().split(/\s+/);
      const evidence = evidenceIn(file, line);
      if (word === "" || word.startsWith("#")) continue;
      if (word === "iface") {
        const [name = "", family = "", method = "", ...more] = rest;
        options = [];
        const inherits = more[more.indexOf("inherits") + 1];
        this.stanzas.push({
          name,
          family,
          method,
          options,
          evidence,
          inherits: more.includes("inherits") ? inherits : undefined,
        });
      } else if (word === "auto" || word.startsWith("allow-")) {
        options = undefined;
        if (word === "auto" || word === "allow-auto" || word === "allow-hotplug")
          for (const one of rest) {
            const [name = "", as] = one.split(/=(.*)/s);
            this.started.push({ name, as: as || undefined, hotplug: word === "allow-hotplug" });
          }
      } else if (word === "mapping") {
        options = undefined;
        this.mapped.push(...rest);
      } else if (word === "no-auto-down" || word === "no-scripts" || word === "rename") {
        options = undefined;
      } else if (word === "source" || word === "source-directory") {
        options = undefined;
        for (const target of rest) this.#include(absolute(target), word === "source", depth + 1);
      } else options?.push({ key: word, value: rest.join(" "), evidence });
    }
  }

  #include(target: string, isPattern: boolean, depth: number): void {
    if (!isPattern) {
      this.included.push(`${target}/*`);
      const listed = this.#observations.list(target);
      for (const { name } of listed.state === "found" ? listed.value : [])
        if (/^[a-zA-Z0-9_-]+$/.test(name)) this.read(`${target}/${name}`, depth);
      return;
    }
    this.included.push(target);
    const at = target.lastIndexOf("/");
    const pattern = target.slice(at + 1);
    if (!/[*?[]/.test(pattern)) {
      this.read(target, depth);
      return;
    }
    const listed = this.#observations.list(target.slice(0, at));
    for (const { name } of listed.state === "found" ? listed.value : [])
      if (!name.startsWith(".") && matchesPattern(pattern, name))
        this.read(`${target.slice(0, at)}/${name}`, depth);
  }
}

function absolute(path: string): string {
  return path.startsWith("/") ? path : `/etc/network/${path}`;
}

/** A backslash at the end continues a line. */
function joined(lines: readonly Line[]): readonly Line[] {
  const whole: Line[] = [];
  let open: Line | undefined;
  for (const { number, text } of lines) {
    const start = open ?? { number, text: "" };
    const continues = text.endsWith("\\");
    const next = { number: start.number, text: `${start.text}${continues ? text.slice(0, -1) : text}` };
    open = continues ? next : undefined;
    if (!continues) whole.push(next);
  }
  return open ? [...whole, open] : whole;
}
