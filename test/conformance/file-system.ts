import { describe, expect, test } from "vitest";
import type { FileSystem } from "../../src/disk/filesystems/driver.ts";
import { Tree } from "../../src/disk/filesystems/tree.ts";
import { walk } from "../../src/disk/filesystems/walk.ts";
import { ScanError } from "../../src/errors.ts";

/**
 * What {@link fileSystemConformance} expects to find, whatever the format: put these files into an image with
 * the format's own tools. Formats without links leave those out.
 */
export const CONFORMANCE_FILES: Readonly<Record<string, string>> = {
  "/etc/hostname": "cloudimg\n",
  "/etc/empty": "",
  "/etc/sysctl.d/10-a.conf": "net.ipv6.conf.all.disable_ipv6 = 1\n",
  "/deep/a/b/c/d/e/f/g/file": "deep\n",
  "/big": "0123456789abcdef".repeat(20_000),
  "/a name with spaces and ünïcödé": "x",
};
export const CONFORMANCE_LINKS: Readonly<Record<string, string>> = {
  "/etc/link": "hostname",
  "/absolute": "/etc/sysctl.d",
  "/long-link": `/${"long/".repeat(20)}target`,
};

export interface FileSystemCase {
  /** Opens a file system that holds CONFORMANCE_FILES. */
  readonly open: () => Promise<FileSystem>;
  readonly links: boolean;
}

/** What every file system must do. Call it inside the format's own test file. */
export function fileSystemConformance(name: string, { open, links }: FileSystemCase): void {
  const tree = async (): Promise<Tree> => new Tree([{ path: "/", locator: name, fs: await open() }]);

  describe(`${name}: file system conformance`, () => {
    test.each(Object.entries(CONFORMANCE_FILES))("reads %s", async (path, text) => {
      const source = await (await tree()).open(path);
      expect(source.size).toBe(Buffer.byteLength(text));
      expect(Buffer.from(await source.read(0, source.size)).toString()).toBe(text);
    });

    test("reads parts of a file, and refuses what lies outside", async () => {
      const text = CONFORMANCE_FILES["/big"] ?? "";
      const source = await (await tree()).open("/big");
      for (const [at, length] of [
        [0, 1],
        [4095, 2],
        [65_535, 65_537],
        [text.length - 3, 3],
        [text.length, 0],
      ] as const) {
        const part = await source.read(at, length);
        expect(Buffer.from(part).toString()).toBe(text.slice(at, at + length));
      }
      await expect(source.read(text.length, 1)).rejects.toBeInstanceOf(ScanError);
      await expect(source.read(-1, 1)).rejects.toBeInstanceOf(ScanError);
    });

    test("tells what is absent", async () => {
      const located = await (await tree()).resolve("/etc/none");
      expect(located.state).toBe("absent");
      expect((await (await tree()).resolve("/etc/hostname/x")).state).toBe("absent");
    });

    test("lists each name once, and lookup agrees with list", async () => {
      const one = await tree();
      const start = await one.resolve("/");
      if (start.state !== "found") throw new Error("no root");
      const seen: string[] = [];
      for await (const located of walk(one, start, true)) {
        expect(located.state).toBe("found");
        seen.push(located.path);
      }
      expect(new Set(seen).size).toBe(seen.length);
      for (const path of Object.keys(CONFORMANCE_FILES)) expect(seen).toContain(path);
      for (const path of links ? Object.keys(CONFORMANCE_LINKS) : []) expect(seen).toContain(path);
    });

    test("asks of a node what it is not, and is refused", async () => {
      const fs = await open();
      const root = await fs.root();
      await expect(root.content()).rejects.toBeInstanceOf(ScanError);
      await expect(root.readLink()).rejects.toBeInstanceOf(ScanError);
      const file = await root.lookup("big");
      await expect(file?.list()).rejects.toBeInstanceOf(ScanError);
      await expect(file?.lookup("x")).rejects.toBeInstanceOf(ScanError);
    });

    test.runIf(links)("reads links and follows them", async () => {
      const one = await tree();
      for (const [path, target] of Object.entries(CONFORMANCE_LINKS)) {
        const located = await one.resolve(path, { followLast: false });
        expect(located.state === "found" && (await located.node.readLink())).toBe(target);
      }
      expect((await one.resolve("/absolute/10-a.conf")).path).toBe("/etc/sysctl.d/10-a.conf");
    });
  });
}

/** Writes the conformance files into a folder of this machine, for tools that fill an image from one. */
export async function writeConformanceFiles(folder: string, links: boolean): Promise<void> {
  const { mkdirSync, symlinkSync, writeFileSync } = await import("node:fs");
  const { dirname, join } = await import("node:path");
  for (const [path, text] of Object.entries(CONFORMANCE_FILES)) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  if (links)
    for (const [path, target] of Object.entries(CONFORMANCE_LINKS)) symlinkSync(target, join(folder, path));
}
