import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { memorySource } from "../../../src/disk/bytes/byte-source.ts";
import { qcow2 } from "../../../src/disk/containers/qcow2/qcow2.ts";
import { diskOf, type FakeDisk } from "./disk.ts";

const IMAGES = fileURLToPath(new URL("../../fixtures/images/", import.meta.url));

const samples = new Map<string, Promise<FakeDisk>>();

/** A sample of `test/fixtures/images` as a disk: `on`, `off-sysctl`. */
export function sampleDisk(name: string): Promise<FakeDisk> {
  const known = samples.get(name) ?? loadSample(name);
  samples.set(name, known);
  return known;
}

async function loadSample(name: string): Promise<FakeDisk> {
  const file = memorySource(readFileSync(`${IMAGES}${name}.qcow2`), name);
  const disk = diskOf((await qcow2.open(file)).disk);
  // Found once: it takes longer than a client would wait.
  await disk.written();
  return disk;
}
