import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { FakeCloud } from "../support/gcp/fake-compute.ts";
import { sixrayAt, startLab, stopLab, TARGET } from "../support/gcp/lab.ts";
import { ext4Image } from "../support/gcp/worker-images.ts";
import { GUEST_DISK_NEEDS } from "../support/guest-disk.ts";
import { missing, scratch } from "../support/images.ts";
import { type Outcome, sixrayHere } from "../support/in-process.ts";

const why = missing(...GUEST_DISK_NEEDS);
const STATE = mkdtempSync(join(tmpdir(), "sixray-state-"));
afterAll(() => rmSync(STATE, { recursive: true }));
const image = why ? "" : ext4Image(scratch("gcp-passing"));

let cloud: FakeCloud;
beforeEach(async () => {
  cloud = await startLab(image, { quick: true });
});
afterEach(() => stopLab(cloud));

function sixray(...args: readonly string[]): Promise<Outcome> {
  return sixrayAt(cloud, [...args, "--state", STATE]);
}

interface Result {
  readonly image: { readonly id: string };
  readonly verdict: string;
  readonly reason: string;
}

async function scan(target: string): Promise<readonly Result[]> {
  const { out } = await sixray("scan", target, "--allow-create", "--format", "json", "--quiet");
  const { results }: { results: readonly Result[] } = JSON.parse(out);
  return results;
}

function nothingLeft(): void {
  expect([...cloud.disks.keys(), ...cloud.instances.keys()]).toEqual([]);
}

describe.skipIf(why)("what passes, and what keeps one thing only", () => {
  test("what fails in passing where something is made is asked for again, by the same id", async () => {
    const failed = new Set<string>();
    cloud.behaviour.refuse = (method) => {
      if (!method.endsWith(".Insert") || failed.has(method)) return undefined;
      failed.add(method);
      return { status: 503, reason: "backendError", message: "try again" };
    };
    expect(await scan(TARGET)).toMatchObject([{ verdict: "pass" }]);
    expect([...failed]).toEqual(["Disks.Insert", "Instances.Insert"]);
    const ids = cloud.requestIds;
    expect([ids[0], ids[2]]).toEqual([ids[1], ids[3]]);
    expect(ids[0]).not.toBe(ids[2]);
    nothingLeft();
  });

  test("what was refused outright was not made, and is not told as left", async () => {
    cloud.behaviour.refuse = (method) =>
      method.startsWith("Disks")
        ? { status: 403, reason: "forbidden", message: "Required 'compute.disks.create' permission" }
        : undefined;
    const { err } = await sixray("scan", TARGET, "--allow-create", "--quiet");
    expect(err).not.toContain("could not remove");
    expect(cloud.log).not.toContain("Disks.Delete");
  });

  test("too many requests do not keep what was made from being removed", async () => {
    let left = 3;
    cloud.behaviour.refuse = (method) =>
      method.endsWith(".Delete") && left-- > 0
        ? {
            status: 403,
            reason: "rateLimitExceeded",
            message:
              "Quota exceeded for quota metric 'Queries' and limit 'Queries per minute' of service 'x'",
          }
        : undefined;
    expect(await scan(TARGET)).toMatchObject([{ verdict: "pass" }]);
    nothingLeft();
  });

  test("one public project that does not let us in does not keep the others", async () => {
    vi.stubEnv("SIXRAY_GCP_PUBLIC_PROJECTS", "windows-cloud,debian-cloud");
    cloud.behaviour.refuse = (method, { project }) =>
      method === "Images.List" && project === "windows-cloud"
        ? { status: 403, reason: "forbidden", message: "Required 'compute.images.list' permission" }
        : undefined;
    const results = await scan("gcp:public");
    expect(results.map(({ image: { id }, verdict }) => [id, verdict])).toEqual([
      [TARGET, "pass"],
      ["gcp:public", "unreadable"],
    ]);
  });

  test.each(["Images.List", "Images.GetFromFamily", "Disks.Insert", "Instances.GetSerialPortOutput"])(
    "Ctrl-C while %s fails in passing is not kept waiting",
    async (where) => {
      const interrupt = new AbortController();
      let since = 0;
      cloud.behaviour.refuse = (method) => {
        if (method !== where) return undefined;
        if (!interrupt.signal.aborted) {
          since = performance.now();
          interrupt.abort();
        }
        return { status: 503, reason: "backendError", message: "try again" };
      };
      const target = where === "Images.List" ? "gcp:debian-cloud" : TARGET;
      const args = ["scan", target, "--allow-create", "--quiet", "--state", STATE];
      await expect(sixrayAt(cloud, args, interrupt.signal)).rejects.toThrow(/abort/i);
      expect(since).toBeGreaterThan(0);
      expect(performance.now() - since).toBeLessThan(5000);
      nothingLeft();
    },
  );

  test.each([
    [
      404,
      "The resource 'projects/p/global/networks/default' was not found",
      /no network default: name a subnetwork with SIXRAY_GCP_SUBNETWORK=/,
    ],
    [
      400,
      "Invalid value for field 'resource.networkInterfaces[0].network': 'global/networks/default'. The referenced network resource cannot be found.",
      /no network default: name a subnetwork with SIXRAY_GCP_SUBNETWORK=/,
    ],
    [
      404,
      "The resource 'projects/p/regions/r/subnetworks/s' was not found",
      /is SIXRAY_GCP_SUBNETWORK there/,
    ],
  ])("a worker without a network says which to name: %d %s", async (status, message, says) => {
    cloud.behaviour.refuse = (method) =>
      method === "Instances.Insert" ? { status, reason: "notFound", message } : undefined;
    const [result] = await scan(TARGET);
    expect(result).toMatchObject({ verdict: "unreadable", reason: expect.stringMatching(says) });
    // Nothing is wrong with the image: the next way was tried.
    expect(result?.reason).toContain("worker-bucket: no bucket");
    nothingLeft();
  });

  test("without a project that pays it is told how to name one", async () => {
    vi.stubEnv("GOOGLE_CLOUD_PROJECT", "");
    const { code, out } = await sixrayHere(["doctor", "gcp", "--state", STATE]);
    expect([code, out]).toEqual([
      3,
      expect.stringMatching(/missing +project: none is named\n.*--account PROJECT/),
    ]);
    const bad = await sixrayHere(["doctor", "gcp:../my-project", "--state", STATE]);
    expect([bad.code, bad.err]).toEqual([2, expect.stringContaining("../my-project is no project")]);
  });

  test("doctor tells what a sweep lacks, and takes a subnetwork in the place of the default network", async () => {
    cloud.behaviour.permissions = [
      "compute.disks.delete",
      "compute.instances.delete",
      "compute.zoneOperations.get",
    ];
    cloud.behaviour.enforced = ["compute.skipDefaultNetworkCreation"];
    vi.stubEnv("SIXRAY_GCP_SUBNETWORK", "projects/p/regions/r/subnetworks/s");
    const { out } = await sixray("doctor", "gcp");
    expect(out).toContain("missing  sweep by label: compute.disks.list, compute.instances.list");
    expect(out).toContain(
      "ok       organization policy compute.skipDefaultNetworkCreation: is enforced; the worker is in projects/p/",
    );
  });
});
