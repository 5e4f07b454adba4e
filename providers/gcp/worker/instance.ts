import { readFile } from "node:fs/promises";
import { ScanError } from "../../../src/errors.ts";
import type { GcpDisk, GcpInstance, Zone } from "../compute.ts";
import type { Settings } from "../settings.ts";

/** How the target's disk shows in the worker: /dev/disk/by-id/google-sixray-target. */
const DEVICE = "sixray-target";
/** The worker is removed by Google itself after this, should we never come back. */
const RUN_MAX_SECONDS = 1800;

/** A disk with what the image holds. It is attached read-only, and nothing boots from it. */
export function targetDisk(name: string, sourceImage: string, labels: Record<string, string>): GcpDisk {
  return { name, sourceImage, labels, description: "sixray: an image's content, to be read once" };
}

export interface WorkerOptions extends Zone {
  readonly name: string;
  readonly disk: string;
  /** `projects/P/global/images/I`. */
  readonly workerImage: string;
  readonly settings: Pick<Settings, "machineType" | "subnetwork">;
  readonly labels: Record<string, string>;
  readonly attributes: Readonly<Record<string, string>>;
}

/**
 * The worker: no service account, no address of its own to the outside, and gone by itself after a while. It boots
 * its own image from its own disk.
 */
export function workerInstance(options: WorkerOptions): GcpInstance {
  const { project, zone, name, disk, workerImage, settings, labels, attributes } = options;
  const { machineType, subnetwork } = settings;
  return {
    name,
    labels,
    description: "sixray: reads a disk and reports on serial port 2; may be deleted at any time",
    machineType: `zones/${zone}/machineTypes/${machineType}`,
    disks: [
      {
        boot: true,
        autoDelete: true,
        initializeParams: {
          sourceImage: workerImage,
          diskType: `zones/${zone}/diskTypes/pd-standard`,
          labels,
        },
      },
      {
        boot: false,
        autoDelete: true,
        mode: "READ_ONLY",
        deviceName: DEVICE,
        source: `projects/${project}/zones/${zone}/disks/${disk}`,
      },
    ],
    networkInterfaces: [subnetwork === undefined ? { network: "global/networks/default" } : { subnetwork }],
    serviceAccounts: [],
    shieldedInstanceConfig: { enableSecureBoot: true, enableVtpm: true, enableIntegrityMonitoring: true },
    scheduling: {
      automaticRestart: false,
      instanceTerminationAction: "DELETE",
      maxRunDuration: { seconds: RUN_MAX_SECONDS },
    },
    metadata: {
      items: Object.entries({
        ...attributes,
        "block-project-ssh-keys": "true",
        // What the disk holds is nobody else's to read in the project's logs.
        "serial-port-logging-enable": "false",
      }).map(([key, value]) => ({ key, value })),
    },
  };
}

/** Beside this file in a checkout, and where the bundle finds it in the package. */
const PLACES = ["./worker.sh", "../providers/gcp/worker/worker.sh", "../../providers/gcp/worker/worker.sh"];

/** The startup script. Lies in the package as a file, so that people can read what will run in their project. */
export async function startupScript(): Promise<string> {
  for (const place of PLACES) {
    try {
      return await readFile(new URL(place, import.meta.url), "utf8");
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    }
  }
  throw new ScanError(
    "usage",
    "providers/gcp/worker/worker.sh is missing from this installation: install sixray anew",
  );
}
