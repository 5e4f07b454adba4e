/** Criteria of EC2's Allowed AMIs, as `aws ec2 replace-image-criteria-in-allowed-images-settings --cli-input-json` takes them. */
import type { ScanResult, TextReporter } from "../../model/report.ts";
import { escapeJson } from "../escape.ts";
import { allowedNames, amiOf, CannotRender, isAllowed } from "./allowed.ts";

/** Limits of the service: criteria, and names in one. */
const CRITERIA_MAX = 10;
const NAMES_MAX = 50;
const OWNER = /^(?:amazon|aws-marketplace|aws-backup-vault|\d{12})$/;
/** What the service takes for a name; `*` and `?` it takes for patterns, so a name that has one could allow others. */
const NAME = /^[\w ()[\]./'@-]{3,128}$/;

/** Only what the account made itself (ImageCriterionRequest): of no criteria at all nothing says that they deny. */
const NOTHING = { ImageProviders: ["none"] } as const;

export const awsAllowedImages: TextReporter = {
  id: "aws-allowed-images",
  mediaType: "application/json",
  fileExtension: ".aws-allowed-images.json",
  render: ({ results }) => `${escapeJson(JSON.stringify({ ImageCriteria: criteria(results) }, null, 2))}\n`,
};

function criteria(results: readonly ScanResult[]): readonly object[] {
  // The criteria know images by owner and name, in every region. Whose owner is not known may be anybody's.
  const ownerless = new Set(
    results.flatMap((one) => (isAllowed(one) || one.image.owner !== undefined ? [] : [one.image.name])),
  );
  const usable = allowedNames(results, (image) =>
    image.provider === "aws" && amiOf(image) !== undefined
      ? { owner: image.owner, name: image.name }
      : undefined,
  ).filter(({ owner, name }) => OWNER.test(owner ?? "") && NAME.test(name) && !ownerless.has(name));
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
  return all.length > 0 ? all : [NOTHING];
}
