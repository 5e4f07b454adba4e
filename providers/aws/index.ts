import { isReadError, ScanError } from "../../src/errors.ts";
import type { ImageRef } from "../../src/model/image.ts";
import type { ImageProvider, ProviderContext } from "../contract.ts";
import { climb, READ_ONLY, type Rung } from "../ladder.ts";
import { Account, CallFailed, Throttled } from "./api/account.ts";
import { Meter } from "./api/meter.ts";
import { listImages, newestFirst, newestOfEach } from "./enumerate.ts";
import { type Ami, byIds, describeImages, type FoundAmi, findAmi, isNoSuchImage } from "./images.ts";
import { imagesOfParameter } from "./parameters.ts";
import { AwsRemover } from "./remove/remover.ts";
import { copyImage } from "./rungs/copy-image.ts";
import { copySnapshot } from "./rungs/copy-snapshot.ts";
import { direct } from "./rungs/direct.ts";
import { launch } from "./rungs/launch.ts";
import type { Reach, Subject } from "./rungs/reach.ts";
import { DEFAULTS, type Settings } from "./settings.ts";
import { lookAtSnapshot } from "./snapshots.ts";
import { idOf, type Place, parseTarget } from "./target.ts";

/** AMIs that one DescribeImages request takes by their ids. */
const IDS_MAX = 200;

/** Images and snapshots of AWS accounts. */
export const aws: ImageProvider = awsProvider();

/** `settings` are for tests; without them AWS's own limits count. */
export function awsProvider(settings: Partial<Settings> = {}): ImageProvider {
  const all: Settings = { ...DEFAULTS, ...fromEnvironment(), ...settings };
  const accounts = new Map<string, Account>();
  const accountOf = ({ region, profile }: Place): Account => {
    const key = `${profile ?? ""}@${region}`;
    const known = accounts.get(key) ?? new Account({ region, profile }, all);
    accounts.set(key, known);
    return known;
  };
  const homeRegion = async (profile: string | undefined): Promise<string> =>
    (await import("./doctor/region.ts")).homeRegion(profile);
  const remover = new AwsRemover(accountOf, homeRegion);
  /** What a listing said of the images, so that nothing is asked twice. */
  const known = new WeakMap<ImageRef, Ami>();

  return {
    id: "aws",

    async *list(target, context) {
      try {
        const { images, missing } = await wantedImages(target, context, accountOf);
        for (const { ami, ref } of images) {
          if (ami) known.set(ref, ami);
          yield ref;
        }
        if (missing) throw missing;
      } catch (error) {
        throw inAccess(error, target);
      }
    },

    async open(image, context) {
      const wanted = parseTarget(image.id, context.query?.account);
      if (wanted.kind !== "ami" && wanted.kind !== "snapshot")
        throw new ScanError("usage", `${image.id} is not one image`);
      const { signal, onWait } = context;
      const account = accountOf(wanted.place);
      const meter = new Meter();
      const reach: Reach = {
        account,
        copyTo: all.copyRegion ? accountOf({ ...wanted.place, region: all.copyRegion }) : account,
        label: image.id,
        meter,
        signal,
        book: context.leases,
        remover,
        tell: (what) => onWait?.(image.id, what),
      };
      try {
        const subject =
          wanted.kind === "snapshot"
            ? { ami: undefined, snapshot: wanted.id }
            : await subjectOf(account, wanted.id, known.get(image), { signal, meter });
        return await climb(ladder(reach), subject, {
          ...(context.climb ?? READ_ONLY),
          label: image.id,
          signal,
        });
      } catch (error) {
        signal?.throwIfAborted();
        throw inAccess(error, image.id);
      }
    },

    async describe(image) {
      if (known.has(image)) return image;
      const wanted = parseTarget(image.id);
      if (wanted.kind !== "ami" && wanted.kind !== "snapshot") return image;
      try {
        const account = accountOf(wanted.place);
        if (wanted.kind === "ami") await subjectOf(account, wanted.id, undefined, { signal: undefined });
        else if ((await lookAtSnapshot(account, wanted.id, {})).kind === "hidden")
          throw new ScanError("access", `there is no snapshot ${wanted.id} that this account is shown`);
        return image;
      } catch (error) {
        throw inAccess(error, image.id);
      }
    },

    remover: async () => remover,

    async *doctor(where, context) {
      const { examine } = await import("./doctor/doctor.ts");
      yield* examine(where, context, { accountOf, homeRegion, ladder });
    },
  };
}

/** The ways to an image's disk, the cheapest first. */
function ladder(reach: Reach): readonly Rung<Subject>[] {
  return [direct(reach), copySnapshot(reach), copyImage(reach), launch(reach)];
}

/**
 * SIXRAY_AWS_COPY_REGION: where copies may be made, for organisations that allow few regions.
 * SIXRAY_AWS_POLL_MS: the first pause between two looks at what is being made.
 */
function fromEnvironment(): Partial<Settings> {
  const { SIXRAY_AWS_COPY_REGION: copyRegion, SIXRAY_AWS_POLL_MS: poll } = process.env;
  const pollMs = Number(poll ?? "");
  return { ...(copyRegion ? { copyRegion } : {}), ...(pollMs > 0 ? { pollMs } : {}) };
}

interface Wanted {
  readonly ref: ImageRef;
  readonly ami?: Ami;
}

interface WantedImages {
  readonly images: readonly Wanted[];
  /** Why some regions could not be listed. */
  readonly missing?: ScanError | undefined;
}

async function wantedImages(
  target: string,
  { query = {}, signal }: ProviderContext,
  accountOf: (place: Place) => Account,
): Promise<WantedImages> {
  const wanted = parseTarget(target, query.account);
  switch (wanted.kind) {
    case "snapshot":
      return { images: [{ ref: bareRef(wanted.place, wanted.id) }] };
    case "ami":
      return { images: [await oneImage(accountOf(wanted.place), wanted.id, signal)] };
    case "parameter": {
      const account = accountOf(wanted.place);
      const ids = await imagesOfParameter(account, wanted.name, signal);
      const images = await imagesById(account, ids, signal);
      const fitting = images.filter(({ ref }) => query.arch === undefined || ref.arch === query.arch);
      const found = new Set(images.map(({ ami }) => ami.id));
      const gone = ids.filter((id) => !found.has(id)).map((id) => ({ ref: bareRef(wanted.place, id) }));
      return { images: [...newestOfEach(fitting.toSorted(newestFirst), query.latest), ...gone] };
    }
    case "regions": {
      const lists = await Promise.allSettled(
        wanted.places.map((place) => listImages(accountOf(place), query, signal)),
      );
      const images = lists.flatMap((list) => (list.status === "fulfilled" ? list.value : []));
      const missing = regionsMissing(wanted.places, lists);
      const isNarrowed = query.names !== undefined || query.arch !== undefined;
      if (images.length === 0 && !isNarrowed) throw missing ?? noImages(query.owners);
      return { images, missing };
    }
  }
}

/** One region that cannot be listed does not keep the others. Throws what is no trouble of a region's. */
function regionsMissing(
  places: readonly Place[],
  lists: readonly PromiseSettledResult<unknown>[],
): ScanError | undefined {
  const failed = lists.flatMap((list, at) => {
    const place = places[at];
    if (list.status === "fulfilled" || !place) return [];
    const error = inAccess(list.reason, idOf(place, "").slice(0, -1));
    if (!isReadError(error)) throw error;
    return [error];
  });
  const [first] = failed;
  if (!first || failed.length === 1) return first;
  const lines = failed.map(({ message, at }) => `${at.join(" > ")}: ${message}`);
  return new ScanError(first.code, lines.join("; "), { cause: first });
}

function noImages(owners: readonly string[] | undefined): ScanError {
  return new ScanError(
    "access",
    owners === undefined
      ? "this account has no images of its own; --owner amazon, --owner aws-marketplace or --owner with an account id looks at others'"
      : `${owners.join(", ")}: no images; --deprecated lists deprecated ones, too`,
  );
}

/** An image that cannot be found is still one to report on: opening it says why. */
async function oneImage(account: Account, id: string, signal: AbortSignal | undefined): Promise<Wanted> {
  try {
    return (await findAmi(account, id, { signal })) ?? { ref: bareRef(account.place, id) };
  } catch (error) {
    if (error instanceof CallFailed) return { ref: bareRef(account.place, id) };
    throw error;
  }
}

/** Those that are gone, or not for the caller, are left out. */
async function imagesById(
  account: Account,
  ids: readonly string[],
  signal: AbortSignal | undefined,
): Promise<readonly FoundAmi[]> {
  const found: FoundAmi[] = [];
  for (let at = 0; at < ids.length; at += IDS_MAX) {
    const some = ids.slice(at, at + IDS_MAX);
    try {
      for await (const one of describeImages(account, byIds(some), { signal })) found.push(one);
    } catch (error) {
      if (!(error instanceof CallFailed) || !isNoSuchImage(error)) throw error;
      // One that is gone fails them all: ask for each.
      for (const id of some) {
        const one = await findAmi(account, id, { signal });
        if (one) found.push(one);
      }
    }
  }
  return found;
}

function bareRef(place: Place, id: string): ImageRef {
  return { provider: "aws", id: idOf(place, id), name: id, family: id, region: place.region };
}

async function subjectOf(
  account: Account,
  id: string,
  listed: Ami | undefined,
  options: { readonly signal: AbortSignal | undefined; readonly meter?: Meter },
): Promise<Subject> {
  const ami = listed ?? (await findAmi(account, id, options))?.ami;
  if (!ami)
    throw new ScanError(
      "access",
      `there is no image ${id} in ${account.place.region} for this account: deregistered, not shared with it, or left out by its Allowed AMIs setting`,
    );
  return { ami, snapshot: ami.snapshot };
}

/** What goes wrong on the way to an image, as the house says it. */
function inAccess(error: unknown, label: string): unknown {
  if (error instanceof CallFailed) {
    const passes = error.answer.trouble === "passing" || error.answer.trouble === "throttled";
    return new ScanError(passes ? "transient" : "access", error.message, { at: [label], cause: error });
  }
  if (error instanceof Throttled)
    return new ScanError("transient", error.message, { at: [label, ...error.at], cause: error });
  if (error instanceof ScanError && error.at.length === 0 && error.code !== "usage")
    return error.within(label);
  return error;
}
