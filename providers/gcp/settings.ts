import { ScanError } from "../../src/errors.ts";
import { PUBLIC_PROJECTS } from "./public-projects.ts";

/** What can be set for the whole provider, by environment variables. */
export interface Settings {
  readonly publicProjects: readonly string[];
  /** Tried in order when one has no machines left. */
  readonly zones: readonly string[];
  readonly machineType: string;
  /** `projects/P/global/images/I`, or undefined for the newest of {@link WORKER_FAMILY}. */
  readonly workerImage: string | undefined;
  /** `projects/P/regions/R/subnetworks/S` of the worker, or undefined for the network `default`. */
  readonly subnetwork: string | undefined;
  /** `gs://bucket/folder` in which exports of the user's images lie. */
  readonly exports: string | undefined;
  /** Bucket for rung 3. */
  readonly bucket: string | undefined;
  /** Scales all waiting; 1 but in tests. */
  readonly pace: number;
}

/** Debian, because the worker's script needs no more than what every Debian has. */
export const WORKER_FAMILY = { project: "debian-cloud", family: "debian-12" } as const;

/** @throws usage */
export function settingsFrom(env: NodeJS.ProcessEnv = process.env): Settings {
  const list = (name: string): readonly string[] | undefined => {
    const words = env[name]
      ?.split(",")
      .map((word) => word.trim())
      .filter((word) => word !== "");
    return words && words.length > 0 ? words : undefined;
  };
  const pace = Number(env.SIXRAY_GCP_PACE ?? "1");
  if (!(pace > 0 && pace <= 1)) throw new ScanError("usage", "SIXRAY_GCP_PACE takes a number from 0 to 1");
  const zones = list("SIXRAY_GCP_ZONES") ?? [
    "us-central1-a",
    "us-central1-b",
    "us-central1-c",
    "us-central1-f",
  ];
  const odd = zones.find((zone) => !/^[a-z]+-[a-z]+\d+-[a-z]$/.test(zone));
  if (odd !== undefined)
    throw new ScanError("usage", `SIXRAY_GCP_ZONES: ${odd} is no zone such as us-central1-a`);
  return {
    publicProjects: list("SIXRAY_GCP_PUBLIC_PROJECTS") ?? PUBLIC_PROJECTS,
    zones,
    machineType: env.SIXRAY_GCP_MACHINE_TYPE ?? "e2-micro",
    workerImage: env.SIXRAY_GCP_WORKER_IMAGE,
    subnetwork: env.SIXRAY_GCP_SUBNETWORK,
    exports: env.SIXRAY_GCP_EXPORTS,
    bucket: env.SIXRAY_GCP_BUCKET,
    pace,
  };
}
