import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as z from "zod";

/*
 * What Google's own library says of the API: protos.json of @google-cloud/compute. The fake checks every request that
 * it gets and every answer that it gives against it, so that it cannot drift into an API of our own.
 */

const field = z
  .object({ type: z.string(), rule: z.string().optional(), keyType: z.string().optional() })
  .loose();
const message = z.object({
  fields: z.record(z.string(), field).optional(),
  nested: z.record(z.string(), z.unknown()).optional(),
});
const service = z.object({
  methods: z.record(
    z.string(),
    z.object({
      requestType: z.string(),
      responseType: z.string(),
      options: z.record(z.string(), z.unknown()),
    }),
  ),
});

const path = fileURLToPath(
  new URL("../../../node_modules/@google-cloud/compute/build/protos/protos.json", import.meta.url),
);

let loaded: Readonly<Record<string, unknown>> | undefined;

function definitions(): Readonly<Record<string, unknown>> {
  loaded ??= z
    .object({
      nested: z.object({
        google: z.object({
          nested: z.object({
            cloud: z.object({
              nested: z.object({
                compute: z.object({
                  nested: z.object({ v1: z.object({ nested: z.record(z.string(), z.unknown()) }) }),
                }),
              }),
            }),
          }),
        }),
      }),
    })
    .parse(JSON.parse(readFileSync(path, "utf8"))).nested.google.nested.cloud.nested.compute.nested.v1.nested;
  return loaded;
}

export interface Route {
  /** `Instances.Insert`. */
  readonly method: string;
  readonly requestType: string;
  readonly responseType: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** Type of the body, where there is one. */
  readonly bodyType?: string;
}

interface Pattern extends Omit<Route, "parameters"> {
  readonly verb: string;
  readonly pattern: RegExp;
}

let patterns: readonly Pattern[] | undefined;

const SERVICES = ["Images", "Disks", "Instances", "ZoneOperations"];

function allPatterns(): readonly Pattern[] {
  patterns ??= SERVICES.flatMap((name) =>
    Object.entries(service.parse(definitions()[name]).methods).map(
      ([method, { requestType, responseType, options }]) => {
        const [verb = "", template = ""] = ["get", "post", "delete", "patch", "put"].flatMap((one) => {
          const found = options[`(google.api.http).${one}`];
          return typeof found === "string" ? [one.toUpperCase(), found] : [];
        });
        const pattern = new RegExp(`^${template.replace(/\{(\w+)\}/g, "(?<$1>[^/]+)")}$`);
        const body = options["(google.api.http).body"];
        const bodyType =
          typeof body === "string"
            ? message.parse(definitions()[requestType]).fields?.[body]?.type
            : undefined;
        return {
          method: `${name}.${method}`,
          requestType,
          responseType,
          verb,
          pattern,
          ...(bodyType ? { bodyType } : {}),
        };
      },
    ),
  );
  return patterns;
}

/** The method that a request is for, or undefined when the API has none such. */
export function routeOf(verb: string, path: string): Route | undefined {
  const found = allPatterns().filter((one) => one.verb === verb && one.pattern.test(path));
  // `images/family/x` also fits `images/{image}/...` of nothing; the pattern with fewest parameters is meant.
  const [best] = found.toSorted((a, b) => count(a, path) - count(b, path));
  if (!best) return undefined;
  const { pattern, verb: _, ...rest } = best;
  return { ...rest, parameters: { ...pattern.exec(path)?.groups } };
}

function count({ pattern }: Pattern, path: string): number {
  return Object.keys(pattern.exec(path)?.groups ?? {}).length;
}

/** What of a JSON value is not as the message type says: unknown fields, wrong kinds, unknown enum values. */
export function misfits(type: string, value: unknown, at: string = type): readonly string[] {
  if (["string", "bytes"].includes(type)) return typeof value === "string" ? [] : [`${at}: no text`];
  if (type === "bool") return typeof value === "boolean" ? [] : [`${at}: no boolean`];
  if (/^u?int64$/.test(type)) return /^-?\d+$/.test(String(value)) ? [] : [`${at}: no int64`];
  if (/^(?:u?int32|double|float)$/.test(type)) return typeof value === "number" ? [] : [`${at}: no number`];
  const definition = definitions()[type];
  const { fields = {}, nested = {} } = message.parse(definition ?? {});
  if (definition === undefined) return [`${at}: no type ${type}`];
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [`${at}: no object`];
  return Object.entries(value).flatMap(([key, held]) => {
    const where = `${at}.${key}`;
    const known = fields[key];
    if (!known) return [`${where}: unknown`];
    if (known.type in nested) return enumMisfits(nested[known.type], held, where);
    if (known.keyType !== undefined)
      return Object.entries(held ?? {}).flatMap(([name, one]) =>
        misfits(known.type, one, `${where}.${name}`),
      );
    if (known.rule !== "repeated") return misfits(known.type, held, where);
    return Array.isArray(held)
      ? held.flatMap((one) => misfits(known.type, one, where))
      : [`${where}: no list`];
  });
}

/** Compute Engine's enums are text on the wire, and open: those of requests stand as strings in the protos. */
function enumMisfits(definition: unknown, value: unknown, at: string): readonly string[] {
  const { values } = z.object({ values: z.record(z.string(), z.number()) }).parse(definition);
  return String(value) in values ? [] : [`${at}: ${String(value)} is none of its values`];
}
