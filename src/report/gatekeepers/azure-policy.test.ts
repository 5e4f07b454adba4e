import { expect, test } from "vitest";
import { sampleReport } from "../../../test/support/sample-report.ts";
import type { ScanResult } from "../../model/report.ts";
import { azurePolicy } from "./azure-policy.ts";

test("an image is allowed by Azure's own words for it, as a target of sixray's has them", () => {
  const some = sampleReport.results[0];
  if (!some) throw new Error("the sample has no results");
  const of = (id: string): ScanResult => ({
    ...some,
    verdict: "pass",
    image: { ...some.image, provider: "azure", id },
  });
  const own = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/images/golden";
  const results = [
    of("azure:eastus/Canonical:ubuntu-24_04-lts:server:24.04.202611100"),
    of(`azure:${own}`),
    // No machine says of itself that it comes from there: it is not allowed.
    of("azure:eastus/CommunityGalleries/g/Images/i/Versions/1.0.0"),
  ];
  const text = azurePolicy.render({ ...sampleReport, results }, { color: false, columns: 80 });
  const { allOf } = JSON.parse(text).properties.policyRule.if;
  expect(allOf[1].not.anyOf).toEqual([
    {
      allOf: [
        { field: "Microsoft.Compute/imagePublisher", equals: "Canonical" },
        { field: "Microsoft.Compute/imageOffer", equals: "ubuntu-24_04-lts" },
        { field: "Microsoft.Compute/imageSku", equals: "server" },
        { field: "Microsoft.Compute/imageVersion", equals: "24.04.202611100" },
      ],
    },
    { field: "Microsoft.Compute/imageId", equals: own },
  ]);
});
