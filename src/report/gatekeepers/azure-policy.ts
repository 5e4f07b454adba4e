/** An Azure Policy definition that denies machines from images that were not judged fit. */
import type { ScanResult, TextReporter } from "../../model/report.ts";
import { escapeJson } from "../escape.ts";
import { allowedNames } from "./allowed.ts";

/** Azure calls it so; written out, tools would take the object for a promise. */
// oxlint-disable-next-line unicorn/no-thenable
const THEN = "then";
const ALIAS = "Microsoft.Compute/";

export const azurePolicy: TextReporter = {
  id: "azure-policy",
  mediaType: "application/json",
  fileExtension: ".azure-policy.json",
  render: (report) => `${escapeJson(JSON.stringify(definition(report.results), null, 2))}\n`,
};

function definition(results: readonly ScanResult[]): object {
  // A version is the same in every location, and Azure compares names without regard to case.
  const allowed = allowedNames(
    results,
    (image) => (image.provider === "azure" ? conditionOf(image) : undefined),
    (condition) => JSON.stringify(condition).toLowerCase(),
  );
  return {
    properties: {
      displayName: "Only images that sixray allows",
      mode: "All",
      parameters: {},
      policyRule: {
        if: {
          allOf: [
            {
              field: "type",
              in: ["Microsoft.Compute/virtualMachines", "Microsoft.Compute/virtualMachineScaleSets"],
            },
            // Without any image allowed, all are denied.
            ...(allowed.length > 0 ? [{ not: { anyOf: allowed } }] : []),
          ],
        },
        [THEN]: { effect: "deny" },
      },
    },
  };
}

/** Undefined for what the policy has no field for, and for `latest`, which is another version tomorrow. */
function conditionOf({ id: target }: ScanResult["image"]): object | undefined {
  const id = target.replace(/^azure:/, "");
  if (/^\/subscriptions\//i.test(id)) return { field: `${ALIAS}imageId`, equals: literal(id) };
  const ours = id.replace(/^[a-z0-9]+\/(?=[^/]+:)/i, "");
  const [publisher = "", offer = "", sku = "", version = "", ...more] = ours.split(":");
  if (more.length > 0 || [publisher, offer, sku, version].some((part) => part === "" || part === "*"))
    return undefined;
  if (version.toLowerCase() === "latest") return undefined;
  return {
    allOf: [
      { field: `${ALIAS}imagePublisher`, equals: literal(publisher) },
      { field: `${ALIAS}imageOffer`, equals: literal(offer) },
      { field: `${ALIAS}imageSku`, equals: literal(sku) },
      { field: `${ALIAS}imageVersion`, equals: literal(version) },
    ],
  };
}

/** A string that starts with a bracket would be an expression. */
function literal(text: string): string {
  return text.startsWith("[") ? `[${text}` : text;
}
