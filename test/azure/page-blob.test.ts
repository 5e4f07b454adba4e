import { mkdtempSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openPageBlob } from "../../providers/azure/read/page-blob.ts";
import { Azurite, readSas } from "../support/azure/azurite.ts";
import { BlobDoor } from "../support/azure/blob-door.ts";
import { vhdFooter } from "../support/vhd.ts";

const MIB = 1 << 20;

test("small reads ask for no list of pages; large ones ask once, and fetch nothing of a hole", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sixray-blob-"));
  const path = join(folder, "disk.vhd");
  const file = await open(path, "w");
  await file.write(Buffer.alloc(2 * MIB, "data"), 0, 2 * MIB, 4 * MIB);
  await file.write(vhdFooter(2, 16 * MIB), 0, 512, 16 * MIB);
  await file.close();
  const azurite = await Azurite.start();
  const door = new BlobDoor(azurite.address);
  onTestFinished(async () => {
    door.stop();
    await azurite.stop();
    rmSync(folder, { recursive: true });
  });
  await azurite.upload(path, "disk.vhd");
  const end = new Date(Date.now() + 3_600_000);
  const url = new URL(`${await door.start()}${readSas("disk.vhd", end)}`);
  const asked: string[] = [];
  door.answer = (request) => {
    asked.push(/comp=pagelist/.test(request.url ?? "") ? "list" : String(request.headers.range));
    return false;
  };
  const first = { url, expiresAt: end.getTime() };
  const blob = await openPageBlob(first, { label: "disk", renew: () => Promise.resolve(first) });
  onTestFinished(() => blob.close());
  expect(blob.source.size).toBe(16 * MIB);
  expect(await blob.source.read(0, 4096)).toEqual(new Uint8Array(4096));
  expect(asked).toEqual(["bytes=0-511", `bytes=${16 * MIB}-${16 * MIB + 511}`, "bytes=0-4095"]);
  asked.length = 0;
  expect(Buffer.compare(await blob.source.read(8 * MIB, 4 * MIB), Buffer.alloc(4 * MIB))).toBe(0);
  const half = Buffer.concat([Buffer.alloc(MIB), Buffer.alloc(MIB, "data")]);
  expect(Buffer.compare(await blob.source.read(3 * MIB, 2 * MIB), half)).toBe(0);
  expect(asked).toEqual(["list", `bytes=${3 * MIB}-${5 * MIB - 1}`]);
  expect(blob.verified()).toBe(true);
});
