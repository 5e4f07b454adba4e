/** Terraform's JSON syntax: local values to hold images against in preconditions. */
import type { Report, TextReporter } from "../../model/report.ts";
import { escapeJson } from "../escape.ts";
import { allowedImages, amiOf, isAllowed } from "./allowed.ts";

export const terraform: TextReporter = {
  id: "terraform",
  mediaType: "application/json",
  fileExtension: ".tf.json",
  render: (report) => `${escapeJson(JSON.stringify({ locals: locals(report) }, null, 2))}\n`,
};

function locals({ results }: Report): object {
  const allowed = allowedImages(results);
  const ids = (images: readonly (typeof allowed)[number][]): object =>
    Object.fromEntries(
      [...Map.groupBy(images, ({ provider }) => provider)]
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([provider, of]) => [
          literal(provider),
          [...new Set(of.map((one) => literal(amiOf(one) ?? one.id)))].toSorted(),
        ]),
    );
  return {
    sixray_allowed_images: ids(allowed),
    sixray_denied_images: ids(results.filter((one) => !isAllowed(one)).map(({ image }) => image)),
  };
}

/** `${` and `%{` would begin a template. */
function literal(text: string): string {
  return text.replace(/[$%](?=\{)/g, "$&$&");
}
