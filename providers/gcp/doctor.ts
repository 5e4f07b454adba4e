import * as z from "zod";
import { errorLine, ScanError } from "../../src/errors.ts";
import type { Check } from "../contract.ts";
import { type ComputeApi, NoProject } from "./compute.ts";
import { EXPORT_PERMISSIONS } from "./export-rung.ts";
import { failureOf, GcpFailure, LOG_IN } from "./failure.ts";
import { endpointOverride } from "./sdk.ts";
import type { Settings } from "./settings.ts";
import { BUCKET_PERMISSIONS } from "./worker/bucket-rung.ts";
import { WORKER_PERMISSIONS } from "./worker/rung.ts";

/** What the role `enumerate` has. */
export const LIST_PERMISSIONS: readonly string[] = [
  "compute.images.get",
  "compute.images.list",
  "compute.images.getFromFamily",
];

/** What the sweep by label takes, beside what the worker's rung has. */
const SWEEP_PERMISSIONS: readonly string[] = [
  "compute.disks.delete",
  "compute.disks.list",
  "compute.instances.delete",
  "compute.instances.list",
  "compute.zoneOperations.get",
];

const NEEDS: readonly { readonly rung: string; readonly needs: readonly string[] }[] = [
  { rung: "list images", needs: LIST_PERMISSIONS },
  { rung: "rung export", needs: EXPORT_PERMISSIONS },
  { rung: "rung worker-serial", needs: WORKER_PERMISSIONS },
  { rung: "rung worker-bucket", needs: [...WORKER_PERMISSIONS, ...BUCKET_PERMISSIONS] },
  { rung: "sweep by label", needs: SWEEP_PERMISSIONS },
];

const NO_DEFAULT_NETWORK = "compute.skipDefaultNetworkCreation";

/** Organization policies that get in the worker's way, and what to do. */
const POLICIES: readonly { readonly id: string; readonly fix: string }[] = [
  {
    id: "compute.disableSerialPortAccess",
    fix: "the worker reports on serial port 2: ask for an exception for this project",
  },
  {
    id: NO_DEFAULT_NETWORK,
    fix: "there may be no network default: name a subnetwork with SIXRAY_GCP_SUBNETWORK",
  },
  {
    id: "compute.trustedImageProjects",
    fix: "the worker's image and the scanned images' projects have to be allowed",
  },
  { id: "compute.vmExternalIpAccess", fix: "nothing: the worker has no external address" },
  { id: "gcp.resourceLocations", fix: "name zones that are allowed with SIXRAY_GCP_ZONES" },
];

const permissions = z.object({ permissions: z.array(z.string()).optional() });
const policy = z.object({
  spec: z
    .object({ rules: z.array(z.object({ enforce: z.boolean().optional() }).loose()).optional() })
    .optional(),
});
const region = z.object({
  quotas: z.array(z.object({ metric: z.string(), limit: z.number(), usage: z.number() })).optional(),
});

/** What can be told without a project, or without anybody to ask as; undefined for what is something else. */
export function unasked(error: unknown): Check | undefined {
  if (error instanceof NoProject)
    return { what: "project", outcome: "missing", detail: "none is named", fix: PROJECT_HINT };
  const failure = error instanceof ScanError ? failureOf(error.cause) : error;
  if (!(failure instanceof GcpFailure) || failure.kind !== "credentials") return undefined;
  return { what: "credentials", outcome: "missing", detail: failure.message, fix: LOG_IN };
}

const PROJECT_HINT = "sixray doctor gcp:PROJECT, --account PROJECT, or GOOGLE_CLOUD_PROJECT=…";

/** Looks at credentials, permissions, quotas and policies; creates nothing. */
export async function* doctorOf(api: ComputeApi, project: string, settings: Settings): AsyncGenerator<Check> {
  const held = await attempt(async () => {
    const asked = [...new Set(NEEDS.flatMap(({ needs }) => needs))];
    const url = `${origin("cloudresourcemanager")}/v1/projects/${project}:testIamPermissions`;
    return permissions.parse(await api.request(url, "POST", { permissions: asked })).permissions ?? [];
  });
  if ("failed" in held) {
    yield {
      what: `permissions in ${project}`,
      outcome: held.kind === "credentials" || held.kind === "denied" ? "missing" : "unknown",
      detail: held.failed,
      ...(held.kind === "credentials" ? { fix: LOG_IN } : {}),
    };
    if (held.kind === "credentials") return;
  } else {
    for (const { rung, needs } of NEEDS) yield permissionCheck(rung, needs, held.value, project);
  }
  yield* quotas(api, project, settings.zones);
  yield* policies(api, project, settings);
}

function permissionCheck(
  rung: string,
  needs: readonly string[],
  held: readonly string[],
  project: string,
): Check {
  const missing = needs.filter((one) => !held.includes(one));
  if (missing.length === 0) return { what: rung, outcome: "ok", detail: "all permissions are there" };
  return {
    what: rung,
    outcome: "missing",
    detail: missing.join(", "),
    fix: `grant a role with these permissions on the project ${project}: providers/gcp/README.md has one to copy`,
  };
}

async function* quotas(api: ComputeApi, project: string, zones: readonly string[]): AsyncGenerator<Check> {
  for (const name of new Set(zones.map((zone) => zone.slice(0, zone.lastIndexOf("-"))))) {
    const what = `quota in ${name}`;
    const found = await attempt(async () =>
      region.parse(
        await api.request(`${origin("compute")}/compute/v1/projects/${project}/regions/${name}`, "GET"),
      ),
    );
    if ("failed" in found) {
      yield { what, outcome: "unknown", detail: found.failed };
      continue;
    }
    const full = (found.value.quotas ?? []).filter(
      ({ metric, limit, usage }) =>
        ["CPUS", "DISKS_TOTAL_GB", "INSTANCES"].includes(metric) && limit - usage < 1,
    );
    yield full.length === 0
      ? { what, outcome: "ok", detail: "there is room for a worker" }
      : {
          what,
          outcome: "missing",
          detail: full.map(({ metric, usage, limit }) => `${metric} ${usage} of ${limit}`).join(", "),
          fix: "ask for more, or name zones elsewhere with SIXRAY_GCP_ZONES",
        };
  }
}

async function* policies(api: ComputeApi, project: string, { subnetwork }: Settings): AsyncGenerator<Check> {
  for (const { id, fix } of POLICIES) {
    const what = `organization policy ${id}`;
    const url = `${origin("orgpolicy")}/v2/projects/${project}/policies/${id}:getEffectivePolicy`;
    const found = await attempt(async () => policy.parse(await api.request(url, "GET")));
    if ("failed" in found) {
      yield { what, outcome: "unknown", detail: found.failed, fix };
      continue;
    }
    const rules = found.value.spec?.rules ?? [];
    const isEnforced = rules.some(({ enforce }) => enforce === true);
    if (isEnforced && id === NO_DEFAULT_NETWORK && subnetwork !== undefined)
      yield { what, outcome: "ok", detail: `is enforced; the worker is in ${subnetwork}` };
    else if (isEnforced) yield { what, outcome: "missing", detail: "is enforced", fix };
    else if (rules.some((rule) => rule.enforce === undefined))
      yield { what, outcome: "unknown", detail: "restricts by a list", fix };
    else yield { what, outcome: "ok", detail: "is not enforced" };
  }
}

function origin(service: string): string {
  return endpointOverride()?.origin ?? `https://${service}.googleapis.com`;
}

async function attempt<T>(
  use: () => Promise<T>,
): Promise<{ readonly value: T } | { readonly failed: string; readonly kind: string }> {
  try {
    return { value: await use() };
  } catch (error) {
    const failure = failureOf(error);
    if (failure instanceof Error && failure.name === "AbortError") throw failure;
    return {
      failed: errorLine(failure).slice(0, 300),
      kind: failure instanceof GcpFailure ? failure.kind : "other",
    };
  }
}
