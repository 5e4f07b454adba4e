// Source: "Amazon EC2 query API" (requests as forms, lists numbered from 1; answers as XML, lists as <item>).

/** What goes into an answer; undefined members are left out. */
export type Wire =
  | string
  | number
  | boolean
  | undefined
  | readonly Wire[]
  | { readonly [member: string]: Wire };

/** Members of a structure as XML elements. */
export function xml(members: { readonly [member: string]: Wire }): string {
  return Object.entries(members)
    .map(([name, value]) => element(name, value))
    .join("");
}

function element(name: string, value: Wire): string {
  if (value === undefined) return "";
  return `<${name}>${contentOf(value)}</${name}>`;
}

function contentOf(value: Wire): string {
  if (isList(value)) return value.map((item) => element("item", item)).join("");
  return typeof value === "object" ? xml(value) : escaped(String(value));
}

function isList(value: Wire): value is readonly Wire[] {
  return Array.isArray(value);
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** Parameters of a request: `Filter.1.Value.2` as nested maps. */
export class Form {
  readonly #values: ReadonlyMap<string, string>;
  readonly #prefix: string;

  constructor(values: ReadonlyMap<string, string>, prefix = "") {
    this.#values = values;
    this.#prefix = prefix;
  }

  static parse(body: string): Form {
    return new Form(new Map(new URLSearchParams(body)));
  }

  get(name: string): string | undefined {
    return this.#values.get(this.#prefix + name);
  }

  /** `Owner.1`, `Owner.2`, ... */
  list(name: string): string[] {
    const found: string[] = [];
    for (let at = 1; ; at++) {
      const value = this.get(`${name}.${at}`);
      if (value === undefined) return found;
      found.push(value);
    }
  }

  /** `Filter.1.…`, `Filter.2.…`, each as a form of its own. */
  forms(name: string): Form[] {
    const found: Form[] = [];
    for (let at = 1; ; at++) {
      const prefix = `${this.#prefix}${name}.${at}.`;
      if (![...this.#values.keys()].some((key) => key.startsWith(prefix))) return found;
      found.push(new Form(this.#values, prefix));
    }
  }
}

/** An error that the service answers with. */
export class Fault extends Error {
  readonly status: number;
  readonly code: string;
  readonly reason: string | undefined;

  constructor(status: number, code: string, message: string, reason?: string) {
    super(message);
    this.status = status;
    this.code = code;
    this.reason = reason;
  }
}
