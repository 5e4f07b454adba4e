import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type Cloud, FAMILY, sixrayIn, startCloud } from "../support/azure/cloud.ts";
import { GROUP, imageProperties, SUBSCRIPTION } from "../support/azure/fake-arm.ts";
import type { FakeDefinition } from "../support/azure/fake-galleries.ts";

const OWN = `/subscriptions/${SUBSCRIPTION}/resourceGroups/${GROUP}/providers/Microsoft.Compute`;

const DEBIAN: FakeDefinition = {
  name: "debian",
  properties: {
    osType: "Linux",
    osState: "Generalized",
    architecture: "Arm64",
    hyperVGeneration: "V2",
    features: [{ name: "SecurityType", value: "TrustedLaunch" }],
  },
  versions: [
    { name: "1.9.0", published: "2025-01-01T00:00:00Z" },
    { name: "1.10.0", published: "2025-02-01T00:00:00Z" },
    { name: "1.11.0", published: "2025-03-01T00:00:00Z", excludeFromLatest: true },
    { name: "1.8.0", published: "2020-01-01T00:00:00Z", endOfLife: "2021-01-01T00:00:00Z" },
  ],
};

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud("test/fixtures/images/on.qcow2");
  const { arm } = cloud;
  arm.galleries.galleries = (["own", "shared", "community"] as const).map((kind) => ({
    name: `${kind}-g`,
    kind,
    group: GROUP,
    definitions: [DEBIAN, { ...DEBIAN, name: "windows", properties: { osType: "Windows" }, versions: [] }],
  }));
  arm.galleries.managed.set("golden", {
    hyperVGeneration: "V1",
    storageProfile: { osDisk: { osType: "Linux", osState: "Generalized", diskSizeGB: 30 } },
  });
  for (const key of ["Canonical:ubuntu-22_04-lts:server", "Canonical:0001-com-ubuntu:22_04", "RedHat:RHEL:9"])
    arm.images.set(key, [
      { name: "1.0.202501010", properties: imageProperties() },
      { name: "1.0.202401010", properties: imageProperties() },
    ]);
}, 60_000);
afterAll(() => cloud.stop());
afterEach(() => cloud.arm.reset());

async function ids(...args: string[]): Promise<readonly string[]> {
  const { code, out, err } = await sixrayIn(cloud, ["list", ...args, "--json"]);
  expect(code, err).toBe(0);
  const lines = out.trim().split("\n").filter(Boolean);
  return lines.map((line): string => JSON.parse(line).id);
}

const PLACES = [
  ["own", `azure:${OWN}/galleries/own-g`, `azure:${OWN}/galleries/own-g/images/debian/versions/`],
  [
    "shared",
    "azure:eastus/SharedGalleries/shared-g",
    "azure:eastus/SharedGalleries/shared-g/Images/debian/Versions/",
  ],
  [
    "community",
    "azure:eastus/CommunityGalleries/community-g",
    "azure:eastus/CommunityGalleries/community-g/Images/debian/Versions/",
  ],
] as const;

test.each(PLACES)(
  "%s gallery: versions by number, deprecated ones on request",
  async (kind, target, below) => {
    const at = (...versions: string[]): string[] => versions.map((one) => `${below}${one}`);
    expect(await ids(target)).toEqual(at("1.11.0", "1.10.0", "1.9.0"));
    expect(await ids(target, "--deprecated", "--latest", "4")).toEqual(
      at("1.11.0", "1.10.0", "1.9.0", "1.8.0"),
    );
    const one = kind === "own" ? "/images/debian" : "/Images/debian";
    expect(await ids(`${target}${one}`, "--latest", "1")).toEqual(at("1.11.0"));
    // What its owner keeps out of `latest` is not taken for it.
    expect(await ids(`${target}${one}/versions/latest`)).toEqual(at("1.10.0"));
    const none = await sixrayIn(cloud, ["list", target, "--arch", "amd64"]);
    expect([none.code, none.err]).toEqual([3, expect.stringContaining("no image is left by")]);
  },
);

test.each([
  [
    "own",
    `azure:${OWN}/galleries/own-g/images/debian/versions/1.9.0`,
    { id: `${OWN}/galleries/own-g/images/debian/versions/1.9.0` },
  ],
  [
    "shared",
    "azure:eastus/SharedGalleries/shared-g/Images/debian/Versions/1.9.0",
    { sharedGalleryImageId: "/SharedGalleries/shared-g/Images/debian/Versions/1.9.0" },
  ],
  [
    "community",
    "azure:eastus/CommunityGalleries/community-g/Images/debian/Versions/latest",
    { communityGalleryImageId: "/CommunityGalleries/community-g/Images/debian/Versions/1.10.0" },
  ],
])(
  "%s gallery: a version becomes a disk that is read and removed",
  async (_, target, galleryImageReference) => {
    const { code, out } = await sixrayIn(cloud, ["scan", target, "--allow-create", "--format", "json"]);
    expect([code, JSON.parse(out).results[0].prediction.state]).toEqual([1, "on"]);
    expect(cloud.arm.made).toEqual([{ createOption: "FromImage", galleryImageReference }]);
    expect(cloud.arm.left).toEqual([]);
  },
);

test("own managed images are listed and read; everything of a subscription in one list", async () => {
  expect(await ids(`azure:${OWN}/images`)).toEqual([`azure:${OWN}/images/golden`]);
  const { code } = await sixrayIn(cloud, ["scan", `azure:${OWN}/images/golden`, "--allow-create"]);
  expect(code).toBe(1);
  expect(cloud.arm.made).toEqual([
    { createOption: "FromImage", imageReference: { id: `${OWN}/images/golden` } },
  ]);
  cloud.arm.addOwn("snapshots", "mine", { osType: "Linux" });
  cloud.arm.addOwn("disks", "data");
  const all = await ids(`azure:/subscriptions/${SUBSCRIPTION}`, "--latest", "1");
  expect(all.map((id) => id.split("/").slice(7, 9).join("/")).toSorted()).toEqual([
    "galleries/own-g",
    "images/golden",
    "snapshots/mine",
  ]);
});

test.each([
  ["azure:eastus/CommunityGalleries/nobody", /not found/],
  ["azure:eastus/SharedGalleries/shared-g/Images/nothing", /not found/],
  [`azure:${OWN}/galleries/own-g/images/debian/versions/9.9.9`, /not found/],
  [`azure:${OWN}/images/nothing`, /not found/],
  [`azure:${OWN}/galleries/own-*`, /patterns are for .* the marketplace.*--name/],
])("%s: said plainly", async (target, says) => {
  const { code, out, err } = await sixrayIn(cloud, ["list", target]);
  expect((out + err).replaceAll(/\s+/g, " ")).toMatch(says);
  expect(code).toBeGreaterThan(1);
});

test.each([
  ...PLACES.map(([, target]) => target),
  "azure:eastus/Canonical:*:*:latest",
  `azure:${OWN.replace(/\/resourceGroups.*/, "")}`,
])("what a list of %s prints is a target itself", async (target) => {
  cloud.arm.addOwn("snapshots", "_mine", { osType: "Linux" });
  const all = await ids(target, "--deprecated");
  expect(all.length).toBeGreaterThan(1);
  for (const id of [all[0] ?? "", all.at(-1) ?? ""]) expect(await ids(id)).toEqual([id]);
});

test("publishers, offers, SKUs and versions by pattern", async () => {
  expect(await ids("azure:eastus/Canonical:ubuntu-*:server:1.0.2025*")).toEqual([
    "azure:eastus/Canonical:ubuntu-22_04-lts:server:1.0.202501010",
  ]);
  expect(await ids("azure:eastus/canon*:*ubuntu*:*:latest")).toEqual([
    `azure:eastus/${FAMILY}:24.04.202511100`,
    "azure:eastus/Canonical:ubuntu-22_04-lts:server:1.0.202501010",
    "azure:eastus/Canonical:0001-com-ubuntu:22_04:1.0.202501010",
  ]);
  expect(await ids("azure:eastus/*:*:9", "--latest", "1")).toEqual([
    "azure:eastus/RedHat:RHEL:9:1.0.202501010",
  ]);
  const none = await sixrayIn(cloud, ["list", "azure:eastus/Canonical:debian-*"]);
  expect(none.err.replaceAll(/\s+/g, " ")).toContain(
    "azure:eastus/Canonical has nothing that fits debian-*; there is ubuntu-24_04-lts, ubuntu-22_04-lts, 0001-com-ubuntu",
  );
  expect(none.code).toBe(3);
});
