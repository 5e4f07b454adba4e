import { chmodSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterAll } from "vitest";
import { removeFolder } from "./remove.ts";

/*
 * Each file of tests has a folder of its own in the run's (root.ts), which goes when it ends: all files' disks together
 * fill one. First hooks run last.
 */
const PREFIX = "file-";
const here = tmpdir();
const root = basename(here).startsWith(PREFIX) ? dirname(here) : here;
const folder = mkdtempSync(join(root, PREFIX));
chmodSync(folder, 0o755);
process.env.TMPDIR = folder;

afterAll(() => {
  process.env.TMPDIR = root;
  removeFolder(folder);
});
