import { expect, vi } from "vitest";
import { type Outcome, sixrayHere } from "../in-process.ts";
import { FakeCloud } from "./fake-compute.ts";

/** The one public image that a lab has. */
export const TARGET = "gcp:debian-cloud/debian-12-v20261110";

/** A Google Cloud on this machine whose one image holds `file`; the environment leads there until it is stopped. */
export async function startLab(
  file: string,
  { quick = false }: { quick?: boolean } = {},
): Promise<FakeCloud> {
  const cloud = await FakeCloud.start();
  cloud.behaviour.quick = quick;
  cloud.addImage("debian-cloud", { name: "debian-12-v20261110", family: "debian-12" }, file);
  for (const [key, value] of Object.entries(cloud.env)) vi.stubEnv(key, value);
  return cloud;
}

/** Every request has to have been one that Google's API has. */
export async function stopLab(cloud: FakeCloud): Promise<void> {
  await cloud.stop();
  vi.unstubAllEnvs();
  expect(cloud.misfits).toEqual([]);
}

/** Runs `sixray` as a project of this cloud's own: the provider's connections are kept by project. */
export function sixrayAt(
  cloud: FakeCloud,
  args: readonly string[],
  signal: AbortSignal = new AbortController().signal,
): Promise<Outcome> {
  const account = `project-${new URL(cloud.origin).port}`;
  return sixrayHere([...args, "--account", account], { signal });
}
