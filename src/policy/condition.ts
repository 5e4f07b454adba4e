import type { ImageRef, OsInfo } from "../model/image.ts";
import type { Prediction } from "../model/prediction.ts";

/** `ipv6 == on`: when a rule is asked at all. */
export interface Condition {
  readonly field: Field;
  readonly operator: "==" | "!=";
  readonly value: string;
}

export interface Subject {
  readonly os: OsInfo;
  readonly prediction: Prediction;
  readonly image?: ImageRef;
}

export type Field = "ipv6" | "stack" | "addressing" | "firewall" | "os" | "os.type" | "provider" | "family";

/** What a condition may look at; undefined where it cannot be told. */
const FIELDS: Readonly<Record<Field, (subject: Subject) => string | undefined>> = {
  ipv6: ({ prediction }) => known(prediction.state),
  stack: ({ prediction }) => known(prediction.stack),
  addressing: ({ prediction }) => known(prediction.addressing),
  firewall: ({ prediction }) => known(prediction.firewall.kind),
  os: ({ os }) => known(os.id),
  "os.type": ({ os }) => known(os.type),
  provider: ({ image }) => image?.provider,
  family: ({ image }) => image?.family,
};

/** Ids of the providers there are. */
export const PROVIDERS = ["file", "http", "aws", "azure", "gcp"] as const;

/** Values a field can have, where they are few: a condition on any other would never hold. */
const VALUES: Readonly<Partial<Record<Field, readonly string[]>>> = {
  ipv6: ["on", "off", "partial"],
  stack: ["present", "absent", "disabled"],
  addressing: ["none", "link-local", "slaac", "dhcpv6", "static"],
  firewall: ["none", "ip6tables", "nftables", "firewalld", "ufw", "windows-firewall"],
  "os.type": ["linux", "windows"],
  provider: PROVIDERS,
};

export const FIELD_NAMES: readonly string[] = Object.keys(FIELDS);

function known(value: string): string | undefined {
  return value === "unknown" ? undefined : value;
}

function isField(name: string): name is Field {
  return Object.hasOwn(FIELDS, name);
}

/** `field == value` or `field != value`; the value may stand in quotes. A string says what is wrong. */
export function parseCondition(text: string): Condition | string {
  const found = /^\s*([\w.]+)\s*(==|!=)\s*(?:"([^"]*)"|'([^']*)'|([^\s"']+))\s*$/.exec(text);
  if (!found) return `a condition looks like "ipv6 == on" or "os != windows", not ${JSON.stringify(text)}`;
  const [, field = "", operator, double, single, bare] = found;
  if (!isField(field)) return `no field ${field}; there are: ${FIELD_NAMES.join(", ")}`;
  const value = double ?? single ?? bare ?? "";
  const values = VALUES[field];
  if (values && !values.includes(value))
    return `${field} is never ${value}; it is one of: ${values.join(", ")}`;
  return { field, operator: operator === "==" ? "==" : "!=", value };
}

/** What cannot be told leaves the rule in: a question is never dropped for want of an answer. */
export function holds({ field, operator, value }: Condition, subject: Subject): boolean {
  const actual = FIELDS[field](subject);
  return actual === undefined || (actual === value) === (operator === "==");
}

export function tellCondition({ field, operator, value }: Condition): string {
  return `${field} ${operator} ${/^[^\s"']+$/.test(value) ? value : JSON.stringify(value)}`;
}
