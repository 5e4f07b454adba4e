import { describe, expect, test } from "vitest";
import { newToken, openWorkerDisk } from "../../providers/gcp/worker/session.ts";
import { evidenceOf, evidenceOfFile } from "../support/gcp/evidence.ts";
import { localWorker } from "../support/gcp/local-worker.ts";
import { bootWorker, qemuMissing } from "../support/gcp/qemu.ts";
import { ext4Image, WORKER_IMAGE_NEEDS, workerImages } from "../support/gcp/worker-images.ts";
import { GUEST_DISK_NEEDS } from "../support/guest-disk.ts";
import { missing, scratch } from "../support/images.ts";

const LABEL = "gcp:debian-cloud/image";

describe.skipIf(missing(...GUEST_DISK_NEEDS))("the worker's script, run here", () => {
  test("an ext4 disk: the evidence is what the direct reader extracts", async () => {
    const image = ext4Image(scratch("gcp-local"));
    const token = newToken();
    const worker = await localWorker(image, token);
    try {
      const times = { pollMs: 50, bootMs: 30_000, answerMs: 30_000 };
      const disk = await openWorkerDisk(worker, { label: LABEL, token, ...times });
      expect(await evidenceOf(disk)).toEqual(await evidenceOfFile(image, LABEL));
    } finally {
      worker.close();
    }
  });
});

const why = missing(...WORKER_IMAGE_NEEDS) ?? qemuMissing();

describe.skipIf(why)("the worker's script, booted in qemu with a Debian cloud kernel", () => {
  test("one boot, four file systems: the evidence is what the direct reader extracts", {
    timeout: 420_000,
    // An emulated guest on a busy host can hang on its way up: that is not the worker's doing.
    retry: 1,
  }, async () => {
    const folder = scratch("gcp-qemu");
    const images = (await workerImages(folder)).map((one) => ({ ...one, token: newToken() }));
    const machine = await bootWorker(folder, images);
    const rows: string[] = [];
    try {
      for (const [index, { fs, path, token }] of images.entries()) {
        const name = `vd${String.fromCharCode(97 + index)}`;
        const started = performance.now();
        const times = { pollMs: 200, bootMs: 150_000, answerMs: 60_000 };
        const disk = await openWorkerDisk(machine.line(name), { label: LABEL, token, ...times }).catch(
          (error) => {
            throw new Error(`${error}\n${machine.console().slice(-2000)}`);
          },
        );
        const first = disk.heldBytes;
        expect(await evidenceOf(disk), fs).toEqual(await evidenceOfFile(path, LABEL));
        expect(machine.asks(name), fs).toBeLessThanOrEqual(1);
        const seconds = Math.round((performance.now() - started) / 1000);
        rows.push(
          `${fs.padEnd(6)} equal; ${machine.asks(name)} asks, ${first >> 10} KiB guessed, ${disk.heldBytes >> 10} KiB in all, ${seconds} s`,
        );
        machine.end(name);
      }
    } finally {
      machine.stop();
      console.log(rows.join("\n"));
    }
  });
});
