import type { ImageRef } from "../../../src/model/image.ts";
import type { AzureTarget } from "../target.ts";
import { targetText } from "../target.ts";

/** What Azure says of an image besides its bytes. */
export interface Facts {
  readonly os?: string | undefined;
  readonly architecture?: string | undefined;
  /** `V1` or `V2`. */
  readonly generation?: string | undefined;
  /** `TrustedLaunch`, `ConfidentialVM`, …Supported. */
  readonly security?: string | undefined;
  readonly plan?: Plan | undefined;
  readonly date?: string | undefined;
  readonly deprecated?: boolean | undefined;
  readonly sizeBytes?: number | undefined;
}

export interface Plan {
  readonly publisher: string;
  readonly product: string;
  readonly name: string;
}

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64" };

export function refOf(
  target: AzureTarget,
  family: string,
  facts: Facts,
  more: {
    readonly region?: string | undefined;
    readonly owner?: string | undefined;
    readonly account: string;
  },
): ImageRef {
  const id = targetText(target);
  const { os, architecture, generation, security, plan, date, deprecated, sizeBytes } = facts;
  const arch = ARCHITECTURES[architecture?.toLowerCase() ?? ""];
  const platform = os === "Windows" ? "windows" : os === "Linux" ? "linux" : undefined;
  const traits = {
    ...(generation === undefined ? {} : { generation }),
    ...(security === undefined ? {} : { security }),
    ...(plan === undefined ? {} : { plan: `${plan.publisher}:${plan.product}:${plan.name}` }),
  };
  return {
    provider: "azure",
    id,
    name: nameOf(target),
    family,
    account: more.account,
    ...(more.region === undefined ? {} : { region: more.region }),
    ...(more.owner === undefined ? {} : { owner: more.owner }),
    ...(date === undefined ? {} : { date }),
    ...(arch === undefined ? {} : { arch }),
    ...(platform === undefined ? {} : { platform }),
    ...(sizeBytes === undefined ? {} : { sizeBytes }),
    ...(deprecated ? { deprecated } : {}),
    ...(Object.keys(traits).length > 0 ? { traits } : {}),
  };
}

function nameOf(target: AzureTarget): string {
  if (target.kind === "marketplace") return targetText(target).split("/")[1] ?? "";
  if (target.kind === "own" && target.type !== "galleries") return target.name ?? "";
  const gallery = target.kind === "own" ? target.name : target.gallery;
  return [gallery, target.image, target.version].filter((part) => part !== undefined).join(":");
}

/** The value of a feature such as SecurityType, whatever its case. */
export function featureOf(
  features:
    | readonly { readonly name?: string | undefined; readonly value?: string | undefined }[]
    | undefined,
  name: string,
): string | undefined {
  return features?.find((one) => one.name?.toLowerCase() === name.toLowerCase())?.value;
}

export function planOf(
  plan:
    | {
        readonly publisher?: string | undefined;
        readonly product?: string | undefined;
        readonly name?: string | undefined;
      }
    | undefined,
): Plan | undefined {
  const { publisher, product, name } = plan ?? {};
  return publisher && product && name ? { publisher, product, name } : undefined;
}

export function dayOf(date: Date | undefined): string | undefined {
  return date && !Number.isNaN(date.getTime()) ? date.toISOString().slice(0, 10) : undefined;
}
