import { readFileSync } from "node:fs";
import * as z from "zod";

// Source: botocore's service models (Debian's python3-botocore), service-2.json.

const MODELS = "/usr/lib/python3/dist-packages/botocore/data";
const FOLDERS: Readonly<Record<string, string>> = {
  ec2: "ec2/2016-11-15",
  ebs: "ebs/2019-11-02",
  ssm: "ssm/2014-11-06",
  sts: "sts/2011-06-15",
  servicequotas: "service-quotas/2019-06-24",
};

/** Members that AWS added after the models that Debian 12 has. */
const NEWER = new Set(["DescribeImagesResult.nextToken"]);

const shape = z.object({
  type: z.string(),
  enum: z.array(z.string()).optional(),
  members: z
    .record(
      z.string(),
      z.object({ shape: z.string(), locationName: z.string().optional(), location: z.string().optional() }),
    )
    .optional(),
  member: z.object({ shape: z.string(), locationName: z.string().optional() }).optional(),
  pattern: z.string().optional(),
  payload: z.string().optional(),
});
const model = z.object({
  operations: z.record(
    z.string(),
    z.object({ output: z.object({ shape: z.string(), resultWrapper: z.string().optional() }).optional() }),
  ),
  shapes: z.record(z.string(), shape),
});

type Shape = z.infer<typeof shape>;

/** Checks answers against one service's model. */
export class ServiceModel {
  readonly #model: z.infer<typeof model>;
  /** What was checked, for the count. */
  checked: number = 0;

  constructor(service: string) {
    const path = `${MODELS}/${FOLDERS[service] ?? service}/service-2.json`;
    this.#model = model.parse(JSON.parse(readFileSync(path, "utf8")));
  }

  /** What is wrong with an XML answer of `action`; empty when nothing is. */
  xml(action: string, body: string, skip: readonly string[]): readonly string[] {
    const output = this.#model.operations[action]?.output;
    const root = parseXml(body);
    if (!output)
      return root.children
        .filter(({ name }) => !skip.includes(name))
        .map(({ name }) => `${action} answers nothing, but ${name} is there`);
    const node =
      output.resultWrapper === undefined
        ? root
        : root.children.find(({ name }) => name === output.resultWrapper);
    return node ? this.#node(node, output.shape, action, skip) : [`${action}: no ${output.resultWrapper}`];
  }

  #node(node: Node, name: string, at: string, skip: readonly string[] = []): string[] {
    const found = this.#shape(name);
    this.checked++;
    if (found.type === "structure") {
      const members = new Map(
        Object.entries(found.members ?? {}).map(([key, one]) => [one.locationName ?? key, one.shape]),
      );
      return node.children.flatMap((child) => {
        if (skip.includes(child.name) || NEWER.has(`${name}.${child.name}`)) return [];
        const of = members.get(child.name);
        return of === undefined
          ? [`${at}: ${name} has no ${child.name}`]
          : this.#node(child, of, `${at}.${child.name}`);
      });
    }
    if (found.type === "list") {
      const item = found.member;
      return node.children.flatMap((child) =>
        item === undefined || child.name !== (item.locationName ?? "member")
          ? [`${at}: an item called ${child.name}`]
          : this.#node(child, item.shape, `${at}[]`),
      );
    }
    return node.children.length > 0
      ? [`${at}: members in a ${found.type}`]
      : scalarFaults(found, node.text, at);
  }

  /** The same for JSON. */
  json(action: string, body: string): readonly string[] {
    const output = this.#model.operations[action]?.output;
    return output ? this.#value(JSON.parse(body), output.shape, action) : [`no ${action}`];
  }

  /** Headers and payload of a streamed answer. */
  headers(action: string, headers: Readonly<Record<string, string>>): readonly string[] {
    const found = this.#shape(this.#model.operations[action]?.output?.shape ?? "");
    const wanted = Object.values(found.members ?? {}).filter(({ location }) => location === "header");
    this.checked += wanted.length;
    return wanted.flatMap(({ locationName = "", shape: of }) => {
      const value = headers[locationName.toLowerCase()];
      return value === undefined
        ? [`${action}: no header ${locationName}`]
        : scalarFaults(this.#shape(of), value, locationName);
    });
  }

  #value(value: unknown, name: string, at: string): string[] {
    const found = this.#shape(name);
    this.checked++;
    if (found.type === "structure") {
      if (typeof value !== "object" || value === null) return [`${at}: no structure`];
      return Object.entries(value).flatMap(([key, one]) => {
        const of = found.members?.[key]?.shape;
        return of === undefined ? [`${at}: ${name} has no ${key}`] : this.#value(one, of, `${at}.${key}`);
      });
    }
    if (found.type === "list") {
      const of = found.member?.shape ?? "";
      return Array.isArray(value)
        ? value.flatMap((one) => this.#value(one, of, `${at}[]`))
        : [`${at}: no list`];
    }
    return scalarFaults(found, String(value), at);
  }

  #shape(name: string): Shape {
    const found = this.#model.shapes[name];
    if (!found) throw new Error(`no shape ${name}`);
    return found;
  }
}

function scalarFaults({ type, enum: values }: Shape, text: string, at: string): string[] {
  if (values && !values.includes(text)) return [`${at}: ${text} is none of ${values.join(", ")}`];
  const right =
    type === "boolean"
      ? /^(?:true|false)$/
      : type === "integer" || type === "long"
        ? /^-?\d+$/
        : type === "timestamp"
          ? /^\d{4}-\d\d-\d\dT[\d:.]+Z$|^\d{9,11}(?:\.\d+)?$/
          : type === "float" || type === "double"
            ? /^-?\d+(?:\.\d+)?$/
            : /^/;
  return right.test(text) ? [] : [`${at}: ${text} is no ${type}`];
}

interface Node {
  readonly name: string;
  readonly children: Node[];
  text: string;
}

/** Elements and text, which is all that the fake sends. */
function parseXml(body: string): Node {
  const top: Node = { name: "", children: [], text: "" };
  const open = [top];
  for (const [, close, name, text] of body
    .replace(/^<\?.*?\?>\s*/, "")
    .matchAll(/<(\/?)([\w:]+)[^>]*>([^<]*)/g)) {
    if (close === "/") {
      open.pop();
      continue;
    }
    const node: Node = { name: name ?? "", children: [], text: text ?? "" };
    open.at(-1)?.children.push(node);
    open.push(node);
  }
  const [root] = top.children;
  if (!root || open.length !== 1) throw new Error("not well-formed");
  return root;
}
