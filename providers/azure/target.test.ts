import { expect, test } from "vitest";
import { parseTarget, targetText } from "./target.ts";
import { dayOfVersion, newestVersionFirst } from "./versions.ts";

test.each([
  ["azure:eastus/Canonical:ubuntu:server:latest", "azure:eastus/Canonical:ubuntu:server:latest"],
  ["azure:EastUS/Canonical:*:server", "azure:eastus/Canonical:*:server:*"],
  ["azure:eastus", "azure:eastus/*:*:*:*"],
  ["azure:eastus/CommunityGalleries/Pub-1/Images/i", "azure:eastus/CommunityGalleries/Pub-1/Images/i"],
  [
    "azure:eastus/sharedgalleries/g/images/i/versions/1.0.0",
    "azure:eastus/SharedGalleries/g/Images/i/Versions/1.0.0",
  ],
  ["azure:/subscriptions/s-1", "azure:/subscriptions/s-1"],
  [
    "azure:/Subscriptions/s-1/resourcegroups/g/providers/microsoft.compute/Disks/d",
    "azure:/subscriptions/s-1/resourceGroups/g/providers/Microsoft.Compute/disks/d",
  ],
  [
    "azure:/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/galleries/n/images/i/versions/1.2.3",
    "azure:/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/galleries/n/images/i/versions/1.2.3",
  ],
  [
    "azure:/subscriptions/s/resourceGroups/_(g)/providers/Microsoft.Compute/disks/_d",
    "azure:/subscriptions/s/resourceGroups/_(g)/providers/Microsoft.Compute/disks/_d",
  ],
])("%s is understood", (words, text) => {
  const target = parseTarget(words);
  expect(targetText(target)).toBe(text);
  expect(parseTarget(text)).toEqual(target);
});

test.each([
  "azure:",
  "azure:east us/x",
  "azure:eastus/a:b:c:d:e",
  "azure:eastus/a/b",
  "azure:eastus/../../x:b",
  "azure:eastus/a:b?x=1:c",
  "azure:/subscriptions",
  "azure:/subscriptions/s/providers/Microsoft.Network/disks",
  "azure:/subscriptions/s/providers/Microsoft.Compute/disks/d",
  "azure:/subscriptions/s/resourceGroups/g/disks/d",
])("%s is refused with the grammar", (words) => {
  expect(() => parseTarget(words)).toThrow(/cannot make sense of .*LOCATION\/Publisher/s);
});

test("versions go by their numbers, and tell their day", () => {
  expect(["1.9.0", "1.10.0", "1.2", "24.04.202511100"].toSorted(newestVersionFirst)).toEqual([
    "24.04.202511100",
    "1.10.0",
    "1.9.0",
    "1.2",
  ]);
  expect(dayOfVersion("24.04.202511100")).toBe("2025-11-10");
  expect(dayOfVersion("9.4.2025040316")).toBe("2025-04-03");
  expect(dayOfVersion("1.0.0")).toBeUndefined();
  expect(dayOfVersion("1.20251340.0")).toBeUndefined();
});
