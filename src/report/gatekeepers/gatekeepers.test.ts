import { expect, test } from "vitest";
import { passBySysctl } from "../../../test/golden/report-fixtures.ts";
import type { Report, TextReporter, Verdict } from "../../model/report.ts";
import { awsAllowedImages } from "./aws-allowed-images.ts";
import { azurePolicy } from "./azure-policy.ts";
import { cloudCustodian } from "./cloud-custodian.ts";
import { terraform } from "./terraform.ts";

type Image = Partial<Report["results"][number]["image"]>;

function render(reporter: TextReporter, images: readonly (readonly [Verdict, Image])[]): string {
  const results = images.map(([verdict, image]) => ({
    ...passBySysctl,
    verdict,
    image: { ...passBySysctl.image, ...image },
  }));
  return reporter.render({ schemaVersion: 1, engine: "", results }, { color: false, columns: 80 });
}

const aws = (name: string, id: string, owner = "123456789012"): Image => ({
  provider: "aws",
  id: `aws:us-east-1/${id}`,
  name,
  owner,
});

test("Allowed AMIs: no pattern, no name that is refused anywhere, nothing but AMIs", () => {
  const { owner: _, ...ownerless } = aws("unowned", "ami-00000006");
  expect(
    JSON.parse(
      render(awsAllowedImages, [
        ["pass", aws("good", "ami-00000001")],
        ["waived", aws("lived with", "ami-0000000a")],
        ["pass", aws("*", "ami-00000002")],
        ["pass", aws("twice", "ami-00000003")],
        ["flagged", aws("twice", "ami-00000004")],
        ["pass", aws("unowned", "ami-00000005")],
        ["unreadable", ownerless],
        ["pass", aws("of a snapshot", "snap-00000001")],
        ["review", aws("reviewed", "ami-00000007")],
      ]),
    ),
  ).toEqual({ ImageCriteria: [{ ImageProviders: ["123456789012"], ImageNames: ["good", "lived with"] }] });
});

test("Allowed AMIs: with nothing allowed nothing is, but what one made oneself", () => {
  for (const images of [[], [["flagged", aws("a", "ami-00000001")] as const]])
    expect(JSON.parse(render(awsAllowedImages, images))).toEqual({
      ImageCriteria: [{ ImageProviders: ["none"] }],
    });
});

test.each([cloudCustodian, terraform])(
  "$id: one AMI, seen by two accounts, is refused if one refuses it",
  (by) => {
    const text = render(by, [
      ["pass", aws("a", "ami-00000001")],
      ["pass", aws("b", "ami-00000002")],
      ["flagged", { ...aws("b", "ami-00000002"), id: "aws:other@us-east-1/ami-00000002" }],
      ["review", aws("c", "ami-00000003")],
      ["unreadable", aws("d", "ami-00000004")],
    ]);
    const listed = by === terraform ? text.slice(0, text.indexOf("sixray_denied_images")) : text;
    expect(listed.match(/ami-\w+/g)).toEqual(["ami-00000001"]);
    if (by === terraform) expect(text.match(/ami-\w+/g)).toHaveLength(4);
  },
);

const azure = (id: string): Image => ({ provider: "azure", id });

test("Azure Policy: a version that one location refuses is allowed in none, nor is `latest`", () => {
  const text = render(azurePolicy, [
    ["pass", azure("eastus/Canonical:ubuntu-24_04-lts:server:1.0.0")],
    ["pass", azure("eastus/Canonical:ubuntu-24_04-lts:server:2.0.0")],
    ["unreadable", azure("WestEurope/canonical:Ubuntu-24_04-lts:server:2.0.0")],
    ["pass", azure("eastus/Canonical:ubuntu-24_04-lts:server:latest")],
    ["pass", azure("eastus/Canonical:*:server:3.0.0")],
    ["pass", azure("/subscriptions/1/resourceGroups/g/providers/Microsoft.Compute/images/a")],
    ["flagged", azure("/subscriptions/1/resourceGroups/G/providers/microsoft.compute/images/a")],
    ["pass", azure("/subscriptions/1/resourceGroups/g/providers/Microsoft.Compute/images/b")],
  ]);
  expect([...text.matchAll(/"equals": "([^"]*)"/g)].map(([, value]) => value)).toEqual([
    "Canonical",
    "ubuntu-24_04-lts",
    "server",
    "1.0.0",
    "/subscriptions/1/resourceGroups/g/providers/Microsoft.Compute/images/b",
  ]);
});

test("Azure Policy: with nothing allowed all is denied", () => {
  expect(JSON.parse(render(azurePolicy, [["flagged", azure("eastus/a:b:c:1")]]))).toMatchObject({
    properties: { policyRule: { if: { allOf: [{ field: "type" }] } } },
  });
});
