import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { gcp } from "../../providers/gcp/index.ts";
import type { CloudBehaviour, FakeCloud, Refused } from "../support/gcp/fake-compute.ts";
import { sixrayAt, startLab, stopLab, TARGET } from "../support/gcp/lab.ts";
import { ext4Image, ntfsImage } from "../support/gcp/worker-images.ts";
import { GUEST_DISK_NEEDS } from "../support/guest-disk.ts";
import { missing, run, scratch } from "../support/images.ts";
import type { Outcome } from "../support/in-process.ts";
import { NTFS_NEEDS } from "../support/ntfs.ts";

const why = missing(...GUEST_DISK_NEEDS, "curl");
const STATE = mkdtempSync(join(tmpdir(), "sixray-state-"));
afterAll(() => rmSync(STATE, { recursive: true }));
const folder = scratch("gcp");
const image = why ? "" : ext4Image(folder);

let cloud: FakeCloud;
beforeEach(async () => {
  cloud = await startLab(image);
});
afterEach(() => stopLab(cloud));

function sixray(...args: readonly string[]): Promise<Outcome> {
  return sixrayAt(cloud, [...args, "--state", STATE]);
}

interface Result {
  readonly verdict: string;
  readonly reason: string;
  readonly prediction?: { readonly state: string };
  readonly access?: { readonly rung: string; readonly booted: boolean; readonly created: readonly string[] };
  readonly notes: readonly string[];
}

async function scan(...args: readonly string[]): Promise<Result> {
  const { out, err } = await sixray("scan", ...args, "--format", "json", "--quiet");
  const { results }: { results: readonly Result[] } = JSON.parse(out || `{"results":[]}`);
  if (!results[0]) throw new Error(`no result: ${err}`);
  return results[0];
}

function nothingLeft(): void {
  expect([...cloud.disks.keys()]).toEqual([]);
  expect([...cloud.instances.keys()]).toEqual([]);
}

describe.skipIf(why)("a worker and its serial port", () => {
  test("without --allow-create nothing is made, and the result says what would help", async () => {
    const { verdict, reason } = await scan(TARGET);
    expect(verdict).toBe("unreadable");
    expect(reason).toContain("worker-serial: would create a disk, an instance; --allow-create lets it");
    expect(cloud.log).toEqual(["Images.Get"]);
  });

  test("asked for, the image is judged as the file itself, and nothing is left", async () => {
    const result = await scan(TARGET, "--allow-create");
    const direct = await scan(image);
    expect([result.verdict, result.prediction?.state]).toEqual([direct.verdict, direct.prediction?.state]);
    expect(result.access).toMatchObject({ rung: "worker-serial", booted: false });
    expect(result.access?.created).toHaveLength(2);
    nothingLeft();
    const calls = countedCalls();
    // Here the worker cannot trace the kernel and has to be asked for all; in qemu ext4 takes no question at all.
    expect(calls.length).toBeLessThanOrEqual(12);
  });

  test.skipIf(missing("perl", "partx", ...NTFS_NEEDS)).each([
    ["on", 0, "no question", 0],
    // What may switch it back on is not in the guess: all services, for one.
    ["off", 0xff, "one question", 1],
  ] as const)(
    "Windows that has IPv6 %s (DisabledComponents %i) is judged as the file itself, and takes %s",
    async (state, value, _what, questions) => {
      const disk = await ntfsImage(folder, value);
      const feature = { guestOsFeatures: [{ type: "WINDOWS" }] };
      cloud.addImage("windows-cloud", { name: "windows-2025", ...feature }, disk);
      const result = await scan("gcp:windows-cloud/windows-2025", "--allow-create");
      const direct = await scan(disk);
      expect([result.verdict, result.prediction?.state]).toEqual([direct.verdict, direct.prediction?.state]);
      expect(direct.prediction?.state).toBe(state);
      nothingLeft();
      const calls = countedCalls();
      expect(calls.filter((call) => call === "Instances.SetMetadata")).toHaveLength(questions);
      expect(calls.length).toBeLessThanOrEqual(12);
    },
  );

  test("the worker has no account, no address, and an end", async () => {
    let seen: unknown;
    cloud.behaviour.onRequest = () => {
      seen ??= [...cloud.instances.values()][0]?.resource;
    };
    await scan(TARGET, "--allow-create");
    // A list without members is not sent; without it an instance made by API has no account.
    expect(seen).not.toHaveProperty("serviceAccounts");
    expect(seen).not.toHaveProperty("networkInterfaces.0.accessConfigs");
    expect(seen).toMatchObject({
      machineType: "zones/us-central1-a/machineTypes/e2-micro",
      networkInterfaces: [{ network: "global/networks/default" }],
      shieldedInstanceConfig: { enableSecureBoot: true },
      scheduling: { instanceTerminationAction: "DELETE", maxRunDuration: { seconds: "1800" } },
      disks: [
        { boot: true, autoDelete: true },
        { boot: false, autoDelete: true, mode: "READ_ONLY", deviceName: "sixray-target" },
      ],
    });
  });

  test("the serial port wraps around, loses bytes and has other lines in it", async () => {
    let look = 0;
    cloud.behaviour.bufferBytes = 40_000;
    cloud.behaviour.distort = (printed) => {
      look++;
      // Another stretch is spoilt each time, and a line of the kernel's stands in another.
      const at = (look * 7919) % Math.max(1, printed.length);
      return `${printed.slice(0, at)}#[ 1.0] usb: noise\n#${printed.slice(at + 20)}`;
    };
    vi.stubEnv("SIXRAY_GCP_PACE", "0.1");
    const { verdict } = await scan(TARGET, "--allow-create");
    expect(verdict).toBe("pass");
    nothingLeft();
  });
});

/** All but polling: looking at an operation, an instance or a serial port again. */
function countedCalls(): readonly string[] {
  const polling = /^(?:ZoneOperations\.Get|Instances\.Get|Instances\.GetSerialPortOutput)$/;
  const calls = cloud.log.filter((method) => !polling.test(method));
  console.log(
    `${calls.length} calls beside ${cloud.log.length - calls.length} of polling: ${calls.join(" ")}`,
  );
  return calls;
}

interface Fault {
  readonly what: string;
  readonly behave: (behaviour: CloudBehaviour) => void;
  readonly reason: string | RegExp;
}

const denied: Refused = {
  status: 403,
  reason: "forbidden",
  message: "Required 'compute.disks.create' permission for 'projects/my-project/zones/us-central1-a/disks/x'",
};

const FAULTS: readonly Fault[] = [
  {
    what: "the image is not there",
    behave: (b) => {
      b.refuse = (method) =>
        method === "Images.Get"
          ? { status: 404, reason: "notFound", message: "The resource 'x' was not found" }
          : undefined;
    },
    reason: "access: The resource 'x' was not found",
  },
  {
    what: "the image was deleted between list and scan",
    behave: (b) => {
      b.refuse = (method) =>
        method === "Disks.Insert"
          ? { status: 404, reason: "notFound", message: "The resource 'x' was not found" }
          : undefined;
    },
    reason: "worker-serial: The resource 'x' was not found",
  },
  {
    what: "permission denied",
    behave: (b) => {
      b.refuse = (method) => (method === "Disks.Insert" ? denied : undefined);
    },
    reason: "worker-serial: Required 'compute.disks.create' permission",
  },
  {
    what: "quota",
    behave: (b) => {
      b.fail = (method) =>
        method === "Instances.Insert"
          ? { code: "QUOTA_EXCEEDED", message: "Quota 'CPUS' exceeded. Limit: 8.0" }
          : undefined;
    },
    reason: /worker-serial: QUOTA_EXCEEDED: Quota 'CPUS' exceeded. Limit: 8.0 \(ask for more quota/,
  },
  {
    what: "an organization policy",
    behave: (b) => {
      b.refuse = (method) =>
        method === "Instances.Insert"
          ? {
              status: 412,
              reason: "conditionNotMet",
              message: "Constraint constraints/compute.trustedImageProjects violated",
            }
          : undefined;
    },
    reason:
      /worker-serial: Constraint constraints\/compute.trustedImageProjects violated \(providers\/gcp\/README.md/,
  },
  {
    what: "no machines in any zone",
    behave: (b) => {
      b.fail = (method) =>
        method === "Instances.Insert"
          ? { code: "ZONE_RESOURCE_POOL_EXHAUSTED", message: "does not have enough resources" }
          : undefined;
    },
    reason: "worker-serial: no machines left in us-central1-a, us-central1-b; SIXRAY_GCP_ZONES names others",
  },
  {
    what: "the worker never boots",
    behave: (b) => {
      b.dead = true;
    },
    reason: /worker-serial: the worker never reported within 6 s: nothing came over its serial port/,
  },
  {
    what: "every frame is spoilt",
    behave: (b) => {
      b.distort = (printed) => printed.replaceAll(/ [0-9a-f]{64} /g, " 0000 ");
    },
    reason: /the worker did not send what was asked within 6 s \(\d+ damaged frames\)/,
  },
  {
    what: "one frame never comes through",
    behave: (b) => {
      b.distort = (printed) => printed.replaceAll(/@sixray1 (\S+) 0 0 [^@]*@/g, "@sixray1 $1 0 0 ?@");
    },
    reason:
      /only \d+ of \d+ frames of the worker's message came through within 6 s, \d+ were damaged|did not send what was asked within 6 s/,
  },
  {
    what: "somebody deletes the worker",
    behave: (b) => {
      b.refuse = (method) =>
        method === "Instances.GetSerialPortOutput"
          ? { status: 404, reason: "notFound", message: "The resource 'x' was not found" }
          : undefined;
    },
    reason: "worker-serial: the worker is gone: somebody, or a policy, deleted it",
  },
];

describe.skipIf(why)("faults: a clear reason, and nothing is left", () => {
  test.each(FAULTS)("$what", async ({ behave, reason }) => {
    behave(cloud.behaviour);
    const result = await scan(TARGET, "--allow-create", "--max-rung", "worker-serial");
    expect(result.verdict).toBe("unreadable");
    expect(result.reason).toMatch(reason);
    nothingLeft();
  });

  test("no machines in one zone: the next has some", async () => {
    cloud.behaviour.fail = (method, { zone }) =>
      method === "Instances.Insert" && zone === "us-central1-a"
        ? { code: "ZONE_RESOURCE_POOL_EXHAUSTED", message: "The zone does not have enough resources" }
        : undefined;
    const result = await scan(TARGET, "--allow-create");
    expect(result.verdict).toBe("pass");
    expect(result.access?.created.join()).toContain("us-central1-b");
    nothingLeft();
  });

  test("two runs at once do not touch each other's", async () => {
    const both = await Promise.all([scan(TARGET, "--allow-create"), scan(TARGET, "--allow-create")]);
    expect(both.map(({ verdict }) => verdict)).toEqual(["pass", "pass"]);
    nothingLeft();
  });
});

describe.skipIf(why ?? missing("qemu-img"))("exports and buckets", () => {
  test("rung 1: an object in any format, and an image's export below SIXRAY_GCP_EXPORTS", async () => {
    run("qemu-img", ["convert", "-f", "raw", "-O", "qcow2", image, join(folder, "disk.qcow2")]);
    run("tar", [
      "--format=oldgnu",
      "-C",
      join(folder, "ext4"),
      "--transform",
      "s/^disk$/disk.raw/",
      "-Sczf",
      join(folder, "x.tar.gz"),
      "disk",
    ]);
    cloud.storage.put("exports", "d/debian-12-v20261110.qcow2", readFileSync(join(folder, "disk.qcow2")));
    cloud.storage.put("exports", "x.tar.gz", readFileSync(join(folder, "x.tar.gz")));
    expect((await scan("gs://exports/x.tar.gz")).verdict).toBe("pass");
    expect((await scan("gs://exports/d/debian-12-v20261110.qcow2")).verdict).toBe("pass");
    expect((await scan("gs://exports/nothing")).reason).toContain("access: No such object");
    vi.stubEnv("SIXRAY_GCP_EXPORTS", "gs://exports/d");
    const result = await scan(TARGET);
    expect([result.verdict, result.access?.rung]).toEqual(["pass", "export"]);
    expect(result.notes).toContain("read from the export gs://exports/d/debian-12-v20261110.qcow2");
  });

  test("rung 3: the worker uploads a qcow2 that qemu-img finds sound and equal; Windows is refused", async () => {
    vi.stubEnv("SIXRAY_GCP_BUCKET", "scratch");
    let starts = 0;
    cloud.behaviour.fail = (method) =>
      method === "Instances.Insert" && ++starts === 1
        ? { code: "QUOTA_EXCEEDED", message: "Quota exceeded" }
        : undefined;
    let uploaded: Uint8Array | undefined;
    cloud.behaviour.onRequest = () => {
      uploaded ??= [...cloud.storage.objects.values()][0]?.bytes;
    };
    const result = await scan(TARGET, "--allow-create");
    expect([result.verdict, result.access?.rung]).toEqual(["pass", "worker-bucket"]);
    expect(result.access?.created).toHaveLength(3);
    const path = join(folder, "uploaded.qcow2");
    writeFileSync(path, uploaded ?? "");
    run("qemu-img", ["check", path]);
    run("qemu-img", ["compare", "-f", "qcow2", "-F", "raw", path, image]);
    expect(cloud.storage.objects.size).toBe(0);
    nothingLeft();
    starts = 0;
    cloud.addImage("windows-cloud", { name: "windows-2025", guestOsFeatures: [{ type: "WINDOWS" }] }, image);
    const windows = await scan("gcp:windows-cloud/windows-2025", "--allow-create");
    expect(windows.reason).toContain("worker-bucket: Windows may not leave Google Cloud");
  });
});

describe.skipIf(why)("which images there are", () => {
  test("families, projects, what is deprecated, and the configurable list of public projects", async () => {
    cloud.addImage("debian-cloud", {
      name: "debian-12-v20250101",
      family: "debian-12",
      deprecated: { state: "DEPRECATED" },
    });
    cloud.addImage("debian-cloud", {
      name: "debian-12-arm64-v20261110",
      family: "debian-12-arm64",
      architecture: "ARM64",
    });
    cloud.addImage("windows-cloud", {
      name: "windows-2025",
      family: "windows-2025",
      guestOsFeatures: [{ type: "WINDOWS" }],
    });
    vi.stubEnv("SIXRAY_GCP_PUBLIC_PROJECTS", "debian-cloud,windows-cloud");
    const list = async (...args: readonly string[]): Promise<readonly unknown[]> => {
      const { out } = await sixray("list", ...args, "--json");
      return out
        .trim()
        .split("\n")
        .map((line): unknown => JSON.parse(line));
    };
    expect(await list("gcp:debian-cloud/family/debian-12")).toEqual([
      {
        provider: "gcp",
        id: TARGET,
        name: "debian-12-v20261110",
        family: "debian-12",
        date: "2026-11-10",
        arch: "amd64",
        sizeBytes: 10 * 2 ** 30,
        owner: "debian-cloud",
      },
    ]);
    expect(await list("gcp:debian-cloud")).toHaveLength(2);
    expect(await list("gcp:debian-cloud", "--deprecated")).toHaveLength(3);
    expect(await list("gcp:public", "--arch", "arm64")).toMatchObject([
      { name: "debian-12-arm64-v20261110" },
    ]);
    expect(await list("gcp:public", "--name", "windows*")).toMatchObject([{ name: "windows-2025" }]);
    const [first, second] = await Array.fromAsync(gcp.list("gcp:debian-cloud", {}));
    const marks = await Promise.all([first, second].map(async (image) => image && gcp.mark?.(image, {})));
    expect(new Set(marks).size).toBe(2);
    expect(marks).not.toContain(undefined);
    expect((await sixray("list", "gcp:Debian_Cloud")).err).toContain("is not one of gcp:PROJECT/IMAGE");
  });

  test("doctor tells what is missing, and creates nothing", async () => {
    cloud.behaviour.permissions = [
      "compute.images.get",
      "compute.images.list",
      "compute.images.getFromFamily",
    ];
    cloud.behaviour.enforced = ["compute.disableSerialPortAccess"];
    const { code, out } = await sixray("doctor", "gcp");
    expect(code).toBe(3);
    expect(out).toContain("ok       list images: all permissions are there");
    expect(out).toMatch(/missing {2}rung worker-serial: .*compute.instances.setMetadata/);
    expect(out).toContain("ok       quota in us-central1: there is room for a worker");
    expect(out).toContain("missing  organization policy compute.disableSerialPortAccess: is enforced");
    expect(cloud.log).toEqual([]);
  });
});
