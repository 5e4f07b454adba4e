/** An Azure Policy definition that denies machines from images that were not judged fit. */
import type { ScanResult, TextReporter } from "../../model/report.ts";
import { escapeJson } from "../escape.ts";
import { allowedImages } from "./allowed.ts";

const ALIAS = "Microsoft.Compute/";

export const azurePolicy: TextReporter = {
  id: "azure-policy",
  mediaType: "application/json",
  fileExtension: ".azure-policy.json",
  render: (report) => `${escapeJson(JSON.stringify(definition(report.results), null, 2))}\n`,
};

function definition(results: readonly ScanResult[]): object {
  const allowed = allowedImages(results, "azure").flatMap(conditionOf);
  const unique = [...new Map(allowed.map((one) => [JSON.stringify(one), one])).values()];
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
            ...(unique.length > 0 ? [{ not: { anyOf: unique } }] : []),
          ],
        },
        // biome-ignore lint/suspicious/noThenProperty: Azure calls it so, and nobody awaits it
        then: { effect: "deny" },
      },
    },
  };
}

function conditionOf({ id }: ScanResult["image"]): readonly object[] {
  const ours = id.replace(/^[a-z0-9]+\/(?=[^/]+:)/, "");
  if (/^\/subscriptions\//i.test(id)) return [{ field: `${ALIAS}imageId`, equals: literal(id) }];
  const [publisher = "", offer = "", sku = "", version = "", ...more] = ours.split(":");
  if (more.length > 0 || [publisher, offer, sku, version].some((part) => part === "")) return [];
  return [
    {
      allOf: [
        { field: `${ALIAS}imagePublisher`, equals: literal(publisher) },
        { field: `${ALIAS}imageOffer`, equals: literal(offer) },
        { field: `${ALIAS}imageSku`, equals: literal(sku) },
        { field: `${ALIAS}imageVersion`, equals: literal(version) },
      ],
    },
  ];
}

/** A string that starts with a bracket would be an expression. */
function literal(text: string): string {
  return text.startsWith("[") ? `[${text}` : text;
}
