/** Terraform's JSON syntax: local values to hold images against in preconditions. */
import type { Report, ScanResult, TextReporter } from "../../model/report.ts";
import { escapeJson } from "../escape.ts";
import { allowedNames, amiOf, isAllowed } from "./allowed.ts";

export const terraform: TextReporter = {
  id: "terraform",
  mediaType: "application/json",
  fileExtension: ".tf.json",
  render: (report) => `${escapeJson(JSON.stringify({ locals: locals(report) }, null, 2))}\n`,
};

interface Named {
  readonly provider: string;
  readonly id: string;
}

function locals({ results }: Report): object {
  const allowed = allowedNames(results, nameOf);
  const denied = results.filter((one) => !isAllowed(one)).map(({ image }) => nameOf(image));
  return { sixray_allowed_images: byProvider(allowed), sixray_denied_images: byProvider(denied) };
}

/** Machine images of AWS by their own ids, which is what configurations hold. */
function nameOf(image: ScanResult["image"]): Named {
  const { provider, id } = image;
  return { provider, id: (provider === "aws" ? amiOf(image) : undefined) ?? withoutCloud(id) };
}

function byProvider(images: readonly Named[]): object {
  const groups = [...Map.groupBy(images, ({ provider }) => provider)];
  return Object.fromEntries(
    groups
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([provider, of]) => [literal(provider), [...new Set(of.map(({ id }) => literal(id)))].toSorted()]),
  );
}

/** As Google and Azure name it: `debian-cloud/IMAGE`, `/subscriptions/…`. */
function withoutCloud(id: string): string {
  return id.replace(/^(?:gcp|azure):/, "");
}

/** `${` and `%{` would begin a template. */
function literal(text: string): string {
  return text.replace(/[$%](?=\{)/g, "$&$&");
}
