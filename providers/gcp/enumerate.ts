import { isReadError, type ScanError } from "../../src/errors.ts";
import type { ImageRef } from "../../src/model/image.ts";
import type { ListQuery } from "../contract.ts";
import { throwTogether } from "../together.ts";
import type { ComputeApi, GcpImage } from "./compute.ts";
import { withScanErrors } from "./failure.ts";
import { numberOf } from "./sdk.ts";
import type { Settings } from "./settings.ts";
import type { GcpTarget } from "./target.ts";

/** Everything but objects in buckets. */
export type ListTarget = Exclude<GcpTarget, { kind: "object" }>;

/** The images a target names. Those that are deprecated only when the query, or their very name, asks for them. */
export async function* listImages(
  api: ComputeApi,
  target: ListTarget,
  query: ListQuery,
  settings: Pick<Settings, "publicProjects">,
): AsyncGenerator<ImageRef> {
  switch (target.kind) {
    case "image": {
      const { project, image } = target;
      yield refOf(project, await withScanErrors(`gcp:${project}/${image}`, () => api.image(project, image)));
      return;
    }
    case "family": {
      const { project, family } = target;
      const label = `gcp:${project}/family/${family}`;
      yield refOf(project, await withScanErrors(label, () => api.newestOf(project, family)));
      return;
    }
    case "project":
      yield* ofProject(api, target.project, query);
      return;
    case "public":
      yield* ofProjects(api, query.owners ?? settings.publicProjects, query);
  }
}

/** One that does not let us in does not keep the others; it is told of at the end. */
async function* ofProjects(
  api: ComputeApi,
  projects: readonly string[],
  query: ListQuery,
): AsyncGenerator<ImageRef> {
  const missing: ScanError[] = [];
  for (const project of projects) {
    try {
      yield* ofProject(api, project, query);
    } catch (error) {
      if (!isReadError(error)) throw error;
      missing.push(error);
    }
  }
  throwTogether(missing);
}

async function* ofProject(api: ComputeApi, project: string, query: ListQuery): AsyncGenerator<ImageRef> {
  const images = api.images(project);
  const refs: ImageRef[] = [];
  await withScanErrors(`gcp:${project}`, async () => {
    for await (const image of images) {
      const ref = refOf(project, image);
      if (image.status !== "FAILED" && image.status !== "DELETING" && (query.deprecated || !ref.deprecated))
        refs.push(ref);
    }
  });
  yield* refs.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** Google's number of each image listed here: a name may be given again to another one. */
const numbers = new WeakMap<ImageRef, string>();

export function numberOfImage(image: ImageRef): string | undefined {
  return numbers.get(image);
}

const ARCHITECTURES: Readonly<Record<string, string>> = { X86_64: "amd64", ARM64: "arm64" };
const PAST = new Set(["DEPRECATED", "OBSOLETE", "DELETED"]);

/** An image as Compute Engine describes it: int64 values come as text. */
export function refOf(project: string, image: GcpImage): ImageRef {
  const { name, family, creationTimestamp, architecture, guestOsFeatures, deprecated, diskSizeGb } = image;
  const arch = ARCHITECTURES[String(architecture ?? "")];
  const gigabytes = numberOf(diskSizeGb);
  const isWindows = guestOsFeatures?.some(({ type }) => String(type) === "WINDOWS") ?? false;
  const made = new Date(creationTimestamp ?? Number.NaN);
  const ref: ImageRef = {
    provider: "gcp",
    id: `gcp:${project}/${name ?? ""}`,
    name: name ?? "",
    family: family || nameWithoutVersion(name ?? ""),
    ...(Number.isNaN(made.getTime()) ? {} : { date: made.toISOString().slice(0, 10) }),
    ...(arch === undefined ? {} : { arch }),
    ...(gigabytes === undefined ? {} : { sizeBytes: gigabytes * 2 ** 30 }),
    platform: isWindows ? "windows" : "linux",
    ...(PAST.has(String(deprecated?.state ?? "")) ? { deprecated: true } : {}),
    owner: project,
  };
  if (image.id !== undefined && image.id !== null) numbers.set(ref, String(image.id));
  return ref;
}

/** Public images end in their version: `-v20261110`. */
function nameWithoutVersion(name: string): string {
  return name.replace(/(?<=.)-v?\d{8}[a-z]?$/, "");
}
