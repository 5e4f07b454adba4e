/** A Cloud Custodian policy (JSON, which its YAML reader takes) that finds instances of images not judged fit. */
import type { TextReporter } from "../../model/report.ts";
import { escapeJson } from "../escape.ts";
import { allowedNames, amiOf } from "./allowed.ts";

export const cloudCustodian: TextReporter = {
  id: "cloud-custodian",
  mediaType: "application/yaml",
  fileExtension: ".custodian.yml",
  render: ({ results }) => {
    const amis = allowedNames(results, (image) =>
      image.provider === "aws" ? amiOf(image) : undefined,
    ).toSorted();
    const policy = {
      name: "sixray-images-not-allowed",
      resource: "aws.ec2",
      description: "Instances of images that sixray did not judge fit. Add the actions you want.",
      filters: [{ type: "value", key: "ImageId", op: "not-in", value: amis }],
    };
    return `${escapeJson(JSON.stringify({ policies: [policy] }, null, 2))}\n`;
  },
};
