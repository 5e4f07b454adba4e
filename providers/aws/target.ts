import { ScanError } from "../../src/errors.ts";

/** Where requests go: a region, asked as a profile of the user's AWS configuration (undefined: the default). */
export interface Place {
  readonly region: string;
  readonly profile?: string | undefined;
}

/** What the user's words name. */
export type Wanted =
  | { readonly kind: "ami"; readonly place: Place; readonly id: string }
  | { readonly kind: "snapshot"; readonly place: Place; readonly id: string }
  /** A public or own SSM parameter, or a path of them. */
  | { readonly kind: "parameter"; readonly place: Place; readonly name: string }
  | { readonly kind: "regions"; readonly places: readonly Place[] };

const FORMS = "aws:REGION, aws:REGION/ami-…, aws:REGION/snap-…, aws:REGION/ssm:/aws/service/…";
const REGION = /^[a-z]{2,}(?:-[a-z]+)+-\d+$/;
/** Long ids, and those from before 2016. Source: EC2 User Guide, "Resource IDs". */
const ID_DIGITS = /^(?:[0-9a-f]{8}|[0-9a-f]{17})$/;
const PROFILE = /^[^@/\s,]+$/;

/**
 * `aws:[PROFILE@]REGION[/THING]`, several regions with commas. `account` is the profile for targets that name none.
 * @throws ScanError `usage`
 */
export function parseTarget(target: string, account?: string): Wanted {
  const words = target.replace(/^aws:/, "");
  const slash = words.indexOf("/");
  const where = slash === -1 ? words : words.slice(0, slash);
  const thing = slash === -1 ? "" : words.slice(slash + 1);
  const places = where.split(",").map((word) => parsePlace(word, account));
  if (thing === "") return { kind: "regions", places };
  const [place, second] = places;
  if (!place || second)
    throw new ScanError("usage", `${target}: an image lies in one region; the forms are ${FORMS}`);
  const [, kind, digits] = /^(ami|snap)-(.*)$/.exec(thing) ?? [];
  if (digits !== undefined && !ID_DIGITS.test(digits))
    throw new ScanError("usage", `${target}: ${thing} is no id: ${kind}- and 8 or 17 digits of 0-9, a-f`);
  if (kind === "ami") return { kind: "ami", place, id: thing };
  if (kind === "snap") return { kind: "snapshot", place, id: thing };
  const [, parameter = ""] = /^(?:resolve:)?ssm:(.+)$/.exec(thing) ?? [];
  if (parameter !== "") return { kind: "parameter", place, name: parameter };
  throw new ScanError(
    "usage",
    `${target}: ${thing} is neither an image nor a snapshot; the forms are ${FORMS}`,
  );
}

/** `us-east-1`, `production@us-east-1`. @throws ScanError `usage` */
export function parsePlace(word: string, account?: string): Place {
  const [, profile = account, region = ""] = /^(?:([^@]*)@)?(.*)$/.exec(word) ?? [];
  if (!REGION.test(region))
    throw new ScanError("usage", `${word === "" ? "aws:" : word} names no region; the forms are ${FORMS}`);
  if (profile !== undefined && !PROFILE.test(profile))
    throw new ScanError("usage", `${word}: no name of a profile before the @`);
  return { region, profile };
}

/** How an image is called in reports; what `scan` takes again. */
export function idOf({ region, profile }: Place, thing: string): string {
  return `aws:${profile === undefined ? "" : `${profile}@`}${region}/${thing}`;
}
