import { ScanError } from "../../src/errors.ts";
import type { ListQuery } from "../contract.ts";
import type { Account } from "./api/account.ts";
import { awsArchitecture, describeImages, type FoundAmi } from "./images.ts";

/** AMIs that are held at once, at most. */
const IMAGES_MAX = 500_000;

/**
 * The AMIs of an account's region that a query asks for, newest first. Filters go to the service as far as it has
 * them. Without owners only one's own: anyone may publish an image under any name.
 */
export async function listImages(
  account: Account,
  query: ListQuery,
  signal: AbortSignal | undefined,
): Promise<readonly FoundAmi[]> {
  const { owners = ["self"], names = [], arch, deprecated = false } = query;
  const filters = [
    { Name: "state", Values: ["available"] },
    ...(names.length === 0 ? [] : [{ Name: "name", Values: [...names] }]),
    ...(arch === undefined ? [] : [{ Name: "architecture", Values: [awsArchitecture(arch)] }]),
  ];
  const found: FoundAmi[] = [];
  const input = { Owners: [...owners], Filters: filters, IncludeDeprecated: deprecated };
  for await (const one of describeImages(account, input, { signal })) {
    // One's own images are listed when they are deprecated, whatever was asked.
    if (!deprecated && one.ref.deprecated) continue;
    found.push(one);
    if (found.length > IMAGES_MAX)
      throw new ScanError("limit", `more than ${IMAGES_MAX} images: narrow it with --owner and --name`);
  }
  return newestOfEach(found.toSorted(newestFirst), query.latest);
}

export function newestFirst(a: FoundAmi, b: FoundAmi): number {
  if (a.created !== b.created) return a.created > b.created ? -1 : 1;
  return a.ami.id < b.ami.id ? -1 : 1;
}

/** Of images newest first, at most `count` of each family, owner and architecture. */
export function newestOfEach(images: readonly FoundAmi[], count: number | undefined): readonly FoundAmi[] {
  if (count === undefined) return images;
  const seen = new Map<string, number>();
  return images.filter(({ ref: { owner = "", family, arch = "" } }) => {
    const key = `${owner} ${arch} ${family}`;
    const before = seen.get(key) ?? 0;
    seen.set(key, before + 1);
    return before < count;
  });
}
