/** Criteria of EC2's Allowed AMIs, as `aws ec2 replace-image-criteria-in-allowed-images-settings --cli-input-json` takes them. */
import type { ScanResult, TextReporter } from "../../model/report.ts";
import { escapeJson } from "../escape.ts";
import { allowedImages, CannotRender, isAllowed } from "./allowed.ts";

/** Limits of the service: criteria, and names in one. */
const CRITERIA_MAX = 10;
const NAMES_MAX = 50;
const OWNER = /^(?:amazon|aws-marketplace|aws-backup-vault|\d{12})$/;
/** What the service takes for a name; `*` and `?` it takes for patterns, so a name that has one could allow others. */
const NAME = /^[\w ()[\]./'@-]{3,128}$/;

export const awsAllowedImages: TextReporter = {
  id: "aws-allowed-images",
  mediaType: "application/json",
  fileExtension: ".aws-allowed-images.json",
  render: ({ results }) => `${escapeJson(JSON.stringify({ ImageCriteria: criteria(results) }, null, 2))}\n`,
};

function criteria(results: readonly ScanResult[]): readonly object[] {
  const named = ({ owner = "", name }: ScanResult["image"]): string => JSON.stringify([owner, name]);
  // The criteria know images by owner and name, in every region: one that is refused anywhere refuses the name.
  const refused = new Set(results.filter((one) => !isAllowed(one)).map(({ image }) => named(image)));
  const usable = allowedImages(results, "aws").filter(
    (image) => OWNER.test(image.owner ?? "") && NAME.test(image.name) && !refused.has(named(image)),
  );
  const byOwner = Map.groupBy(usable, ({ owner = "" }) => owner);
  const all = [...byOwner].flatMap(([owner, images]) => {
    const names = [...new Set(images.map(({ name }) => name))].toSorted();
    const parts = Array.from({ length: Math.ceil(names.length / NAMES_MAX) }, (_, at) =>
      names.slice(at * NAMES_MAX, (at + 1) * NAMES_MAX),
    );
    return parts.map((part) => ({ ImageProviders: [owner], ImageNames: part }));
  });
  if (all.length > CRITERIA_MAX)
    throw new CannotRender(
      `Allowed AMIs take ${CRITERIA_MAX} criteria of ${NAMES_MAX} names each, and this would be ${all.length}: report on fewer images`,
    );
  return all;
}
