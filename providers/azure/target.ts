import { isPattern } from "../../src/disk/filesystems/path.ts";
import { ScanError } from "../../src/errors.ts";

/** Parts that were left out, or written as `*`, stand for all there are; those of the marketplace may be patterns. */
export type AzureTarget = MarketplaceTarget | RemoteGalleryTarget | OwnTarget;

/** `eastus/Canonical:ubuntu-24_04-lts:server:latest`. */
export interface MarketplaceTarget {
  readonly kind: "marketplace";
  readonly location: string;
  readonly publisher?: string;
  readonly offer?: string;
  readonly sku?: string;
  /** A version, or `latest`. */
  readonly version?: string;
}

/** `eastus/CommunityGalleries/NAME/Images/IMAGE/Versions/1.0.0`: a gallery of somebody else. */
export interface RemoteGalleryTarget {
  readonly kind: "community" | "shared";
  readonly location: string;
  readonly gallery: string;
  readonly image?: string;
  readonly version?: string;
}

export const OWN_TYPES = ["disks", "snapshots", "images", "galleries"] as const;
export type OwnType = (typeof OWN_TYPES)[number];

/** `/subscriptions/ID/resourceGroups/GROUP/providers/Microsoft.Compute/disks/NAME`, and any beginning of it. */
export interface OwnTarget {
  readonly kind: "own";
  readonly subscription: string;
  readonly group?: string;
  readonly type?: OwnType;
  readonly name?: string;
  /** Of galleries: image definition and version. */
  readonly image?: string;
  readonly version?: string;
}

export const GRAMMAR: string = [
  "azure:LOCATION/Publisher:offer:sku:version (or latest; parts left out stand for all, ubuntu-* for those that fit)",
  "azure:LOCATION/CommunityGalleries/NAME/Images/IMAGE/Versions/VERSION (or SharedGalleries)",
  "azure:/subscriptions/ID/resourceGroups/GROUP/providers/Microsoft.Compute/{disks,snapshots,images}/NAME",
  "azure:/subscriptions/ID/…/galleries/NAME/images/IMAGE/versions/VERSION",
].join("\n  ");

/** Names that go into the path of a request: nothing else may get in. */
const NAME = /^[\p{L}\p{N}_(-][\p{L}\p{N}_.()-]{0,127}$/u;
/** The same with `*` and `?` in it: never sent, but held against the names that Azure lists. */
const PATTERN = /^[\p{L}\p{N}_.()*?-]{1,128}$/u;

/** @throws usage */
export function parseTarget(target: string): AzureTarget {
  const words = target.replace(/^azure:/i, "");
  return words.startsWith("/") ? parseOwn(words, target) : parseLocated(words, target);
}

function parseLocated(words: string, target: string): AzureTarget {
  const [location = "", ...rest] = words.split("/");
  if (!/^[a-z0-9]{2,40}$/i.test(location)) throw unclear(target);
  const where = location.toLowerCase();
  const kind = /^communityGalleries$/i.test(rest[0] ?? "")
    ? "community"
    : /^sharedGalleries$/i.test(rest[0] ?? "")
      ? "shared"
      : undefined;
  if (kind) {
    const [, gallery = "", images, image, versions, version, more] = rest;
    const keyed = isKey(images, "images") && isKey(versions, "versions");
    if (gallery === "" || !keyed || more !== undefined) throw unclear(target);
    return {
      kind,
      location: where,
      gallery: checked(gallery, target),
      ...given({ image, version }, target),
    };
  }
  if (rest.length > 1) throw unclear(target);
  const [publisher, offer, sku, version, more] = (rest[0] ?? "").split(":");
  if (more !== undefined) throw unclear(target);
  const parts = given({ publisher, offer, sku, version }, target, checkedOrPattern);
  return { kind: "marketplace", location: where, ...parts };
}

function parseOwn(words: string, target: string): OwnTarget {
  const parts = words.split("/").slice(1);
  if (parts.at(-1) === "") parts.pop();
  const take = (key: string): string | undefined => {
    if (!isKey(parts[0], key) || parts[0] === undefined) return undefined;
    parts.shift();
    return parts.shift();
  };
  const subscription = take("subscriptions");
  if (subscription === undefined) throw unclear(target);
  const group = take("resourceGroups");
  const provider = take("providers");
  if (provider !== undefined && !isKey(provider, "Microsoft.Compute")) throw unclear(target);
  const typeWord = parts.shift();
  const type = OWN_TYPES.find((one) => isKey(typeWord, one) && typeWord !== undefined);
  if ((typeWord !== undefined && !type) || (provider === undefined) !== (type === undefined))
    throw unclear(target);
  const name = parts.shift();
  const image = type === "galleries" ? take("images") : undefined;
  const version = type === "galleries" ? take("versions") : undefined;
  if (parts.length > 0 || (name !== undefined && group === undefined)) throw unclear(target);
  return {
    kind: "own",
    subscription: checked(subscription, target),
    ...(type === undefined ? {} : { type }),
    ...given({ group, name, image, version }, target),
  };
}

/** The target as sixray takes it again: what `ImageRef.id` holds for one image. */
export function targetText(target: AzureTarget): string {
  if (target.kind === "marketplace") {
    const { location, publisher = "*", offer = "*", sku = "*", version = "*" } = target;
    return `azure:${location}/${publisher}:${offer}:${sku}:${version}`;
  }
  if (target.kind === "own") {
    const { subscription, group, type, name, image, version } = target;
    return [
      `azure:/subscriptions/${subscription}`,
      group === undefined ? "" : `/resourceGroups/${group}`,
      type === undefined ? "" : `/providers/Microsoft.Compute/${type}`,
      name === undefined ? "" : `/${name}`,
      image === undefined ? "" : `/images/${image}`,
      version === undefined ? "" : `/versions/${version}`,
    ].join("");
  }
  const { kind, location, gallery, image, version } = target;
  const base = `azure:${location}/${kind === "community" ? "CommunityGalleries" : "SharedGalleries"}/${gallery}`;
  const of = image === undefined ? "" : `/Images/${image}`;
  return `${base}${of}${version === undefined ? "" : `/Versions/${version}`}`;
}

/** Azure compares names without regard to case. */
function isKey(word: string | undefined, key: string): boolean {
  return word === undefined || word.toLowerCase() === key.toLowerCase();
}

/** Without those that were left out; a part after one that was left out has to fit all of them. */
function given<Key extends string>(
  parts: Readonly<Record<Key, string | undefined>>,
  target: string,
  check: (value: string, target: string) => string = checked,
): Partial<Record<Key, string>> {
  const kept: Partial<Record<Key, string>> = {};
  for (const key in parts) {
    const value = parts[key];
    if (value === undefined || value === "" || value === "*") continue;
    kept[key] = check(value, target);
  }
  return kept;
}

function checked(value: string, target: string): string {
  if (NAME.test(value)) return value;
  if (isPattern(value) && PATTERN.test(value))
    throw new ScanError(
      "usage",
      `${target}: patterns are for the publishers, offers, SKUs and versions of the marketplace; leave ${value} out, and --name PATTERN chooses among what is listed`,
    );
  throw unclear(target);
}

function checkedOrPattern(value: string, target: string): string {
  return isPattern(value) && PATTERN.test(value) ? value : checked(value, target);
}

function unclear(target: string): ScanError {
  return new ScanError("usage", `cannot make sense of ${target}; write one of\n  ${GRAMMAR}`);
}
