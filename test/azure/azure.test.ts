import { createServer } from "node:http";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { Arm } from "../../providers/azure/arm/arm.ts";
import { githubAssertion } from "../../providers/azure/arm/credential.ts";
import { newRemover } from "../../providers/azure/remover.ts";
import { type Cloud, FAMILY, IMAGE, sixrayIn, startCloud } from "../support/azure/cloud.ts";
import { GROUP, SUBSCRIPTION } from "../support/azure/fake-arm.ts";
import { listen } from "../support/azure/listen.ts";

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud("test/fixtures/images/on.qcow2");
}, 60_000);
afterAll(() => cloud.stop());
afterEach(() => {
  cloud.arm.reset();
  cloud.arm.permissions = [{ actions: ["*"], notActions: [] }];
  cloud.door.answer = () => false;
});

async function listed(...args: string[]): Promise<readonly Record<string, unknown>[]> {
  const { code, out, err } = await sixrayIn(cloud, ["list", ...args, "--json"]);
  expect(code, err).toBe(0);
  return out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

test("versions come newest first, with what Azure says of them, deprecated ones on request", async () => {
  // As recorded in Azure/azure-cli, test_disk_trusted_launch.yaml.
  cloud.arm.images.set("Canonical:0001-com-ubuntu-server-jammy:22_04-lts-gen2", [
    {
      name: "22.04.202507300",
      properties: {
        hyperVGeneration: "V2",
        architecture: "x64",
        replicaType: "Managed",
        replicaCount: 10,
        disallowed: { vmDiskType: "Unmanaged" },
        automaticOSUpgradeProperties: { automaticOSUpgradeSupported: false },
        imageDeprecationStatus: { imageState: "Active" },
        features: [
          { name: "SecurityType", value: "TrustedLaunchSupported" },
          { name: "DiskControllerTypes", value: "SCSI, NVMe" },
        ],
        osDiskImage: { operatingSystem: "Linux", sizeInGb: 30 },
        dataDiskImages: [],
        goLiveDate: "2025-08-03T00:00:00+00:00",
      },
    },
  ]);
  const [jammy] = await listed(
    "azure:southcentralus/Canonical:0001-com-ubuntu-server-jammy:22_04-lts-gen2:latest",
  );
  expect(jammy).toMatchObject({
    id: "azure:southcentralus/Canonical:0001-com-ubuntu-server-jammy:22_04-lts-gen2:22.04.202507300",
    date: "2025-07-30",
    arch: "amd64",
    traits: { generation: "V2", security: "TrustedLaunchSupported" },
  });
  const versions = async (...more: string[]): Promise<unknown[]> =>
    (await listed(`azure:eastus/${FAMILY}`, ...more)).map(({ id }) => String(id).split(":").at(-1));
  expect(await versions("--latest", "2")).toEqual(["24.04.202511100", "24.04.202509090"]);
  expect(await versions("--deprecated", "--latest", "2")).toEqual(["24.04.202511100", "24.04.202510010"]);
  expect(await versions("--arch", "arm64")).toEqual(["24.04.202508080"]);
});

test("a disk that asks who reads gets a bearer token beside the signature", async () => {
  const id = cloud.arm.addOwn("disks", "mine", {
    osType: "Linux",
    dataAccessAuthMode: "AzureActiveDirectory",
  });
  let asked = 0;
  cloud.door.answer = ({ headers }, reply) => {
    if (headers.authorization === "Bearer loopback") return false;
    asked++;
    reply.writeHead(401).end();
    return true;
  };
  const { code, out } = await sixrayIn(cloud, ["scan", `azure:${id}`, "--format", "json"]);
  expect([code, asked]).toEqual([1, 0]);
  expect(JSON.parse(out).results[0].access).toEqual({
    rung: "export",
    booted: false,
    created: [],
    checksums: "verified",
  });
  // Nothing is written down without --allow-create: what a killed run leaves has to end by itself soon.
  expect(cloud.arm.grants).toEqual([{ access: "Read", durationInSeconds: 900, fileFormat: "VHD" }]);
  expect(cloud.arm.left).toEqual([]);
});

test.each([
  ["exported by somebody else", { diskState: "ActiveSAS" }, /being exported already/],
  ["closed to the public", { networkAccessPolicy: "DenyAll" }, /denies public access/],
  ["in use", { diskState: "Attached" }, /take a snapshot/],
  [
    "confidential",
    { securityProfile: { securityType: "ConfidentialVM_DiskEncryptedWithPlatformKey" } },
    /confidential/,
  ],
])("an own disk that is %s is left alone", async (_, properties, says) => {
  const id = cloud.arm.addOwn("disks", "mine", { osType: "Linux", ...properties });
  const { code, out } = await sixrayIn(cloud, ["scan", `azure:${id}`]);
  expect(out.replaceAll(/\s+/g, " ")).toMatch(says);
  expect(code).toBe(3);
  expect(cloud.arm.log.filter((line) => !line.startsWith("GET"))).toEqual([]);
});

/** A disk with the tags of a run of long ago. */
function addOurs(): void {
  cloud.arm.addOwn("disks", "ours");
  const ours = cloud.arm.disks.get("disks/ours");
  if (ours) ours.tags = { "sixray:run": "r", "sixray:lease": "l", "sixray:at": "2020-01-01T00:00:00.000Z" };
}

test.each([["--allow-create"], []])(
  "an export that begins between our look and ours is not ended: %s",
  async (...flags) => {
    const id = cloud.arm.addOwn("disks", "mine", { osType: "Linux" });
    cloud.arm.answer = ({ path }) => {
      const disk = cloud.arm.disks.get("disks/mine");
      if (!path.endsWith("beginGetAccess") || !disk) return undefined;
      disk.open = true;
      return { status: 409, body: { error: { code: "Conflict", message: "the disk is being exported" } } };
    };
    const { code, out, err } = await sixrayIn(cloud, ["scan", `azure:${id}`, ...flags]);
    expect(out.replaceAll(/\s+/g, " ")).toContain("the disk is being exported");
    expect([code, err]).toEqual([3, expect.not.stringContaining("could not")]);
    expect(cloud.arm.left).toEqual(["access mine"]);
    expect((await sixrayIn(cloud, ["sweep"])).out).toBe("nothing to sweep\n");
    expect(cloud.arm.log.filter((line) => line.endsWith("endGetAccess"))).toEqual([]);
  },
);

test("an export of yesterday is over: a sweep ends none of today's", async () => {
  const scope = { subscription: SUBSCRIPTION, group: GROUP, type: "disks" };
  const record = { lease: "l", run: "r", provider: "azure", kind: "access", scope, name: "mine" };
  const remover = newRemover(new Arm());
  await remover.remove({ ...record, at: new Date(Date.now() - 25 * 3_600_000).toISOString() });
  expect(cloud.arm.log).toEqual([]);
});

test("sweep finds by tag what no journal tells of, and leaves alone what is not ours", async () => {
  cloud.arm.addOwn("disks", "theirs", { osType: "Linux" });
  addOurs();
  const { code, out } = await sixrayIn(cloud, ["sweep", `azure:${SUBSCRIPTION}`]);
  expect(out).toContain("removed: azure disk");
  expect([code, ...cloud.arm.disks.keys()]).toEqual([0, "disks/theirs"]);
});

test("a sweep that may not look at one subscription removes what it sees in the others, and says so", async () => {
  addOurs();
  const other = "00000000-0000-4000-8000-00000000dead";
  const { code, out, err } = await sixrayIn(cloud, ["sweep", `azure:${other}`, `azure:${SUBSCRIPTION}`]);
  expect(out).toContain("removed: azure disk");
  expect(err).toContain(`what is left there cannot be seen in full: ${other}: there is no such subscription`);
  expect([code, ...cloud.arm.disks.keys()]).toEqual([3]);
});

test.each([
  ["a subscription as Azure writes it", [`azure:/subscriptions/${SUBSCRIPTION}`]],
  ["a resource group as Azure writes it", [`azure:/subscriptions/${SUBSCRIPTION}/resourceGroups/${GROUP}`]],
  ["--account", ["azure", "--account", SUBSCRIPTION]],
])("sweep takes %s", async (_, words) => {
  addOurs();
  const elsewhere = { AZURE_SUBSCRIPTION_ID: "33333333-3333-3333-3333-333333333333" };
  const { code, out, err } = await sixrayIn(cloud, ["sweep", ...words], undefined, elsewhere);
  expect([code, out, err]).toEqual([0, expect.stringContaining("removed: azure disk"), ""]);
  expect(cloud.arm.disks.size).toBe(0);
});

test("doctor prints the role that is missing, and makes nothing", async () => {
  cloud.arm.permissions = [{ actions: ["*/read"], notActions: ["Microsoft.Compute/snapshots/*"] }];
  const { code, out } = await sixrayIn(cloud, ["doctor", "azure"]);
  expect(code).toBe(3);
  expect(out).toMatch(
    /missing +rung disk: not allowed: Microsoft\.Compute\/disks\/write, Microsoft\.Compute\/disks\/delete/,
  );
  expect(out).toContain('"Microsoft.Compute/snapshots/beginGetAccess/action"');
  expect(cloud.arm.log.every((line) => line.startsWith("GET"))).toBe(true);
});

test("an image without a resource group for its disk says what to set", async () => {
  const none = { SIXRAY_AZURE_RESOURCE_GROUP: "" };
  const { code, out } = await sixrayIn(cloud, ["scan", IMAGE, "--allow-create"], undefined, none);
  expect(out.replaceAll(/\s+/g, " ")).toContain(
    "SIXRAY_AZURE_RESOURCE_GROUP, or --account SUBSCRIPTION/GROUP",
  );
  expect(code).toBe(3);
});

test("GitHub is asked for a fresh identity token, for Entra ID", async () => {
  const server = createServer((asked, reply) => {
    const right =
      asked.headers.authorization === "Bearer t" &&
      asked.url?.includes("audience=api%3A%2F%2FAzureADTokenExchange");
    reply.writeHead(right ? 200 : 401).end(JSON.stringify({ value: "jwt" }));
  });
  const url = `${await listen(server)}/token?v=1`;
  expect(await githubAssertion(url, "t")).toBe("jwt");
  await expect(githubAssertion(url, "wrong")).rejects.toThrow("id-token: write");
  await expect(githubAssertion("http://example.org/", "t")).rejects.toThrow("no https address");
  server.close();
});
