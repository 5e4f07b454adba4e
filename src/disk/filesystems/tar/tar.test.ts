import { describe, expect, test } from "vitest";
import { target } from "../../../../test/fuzz/tar.ts";
import { digestTree } from "../../../../test/support/digests.ts";
import { tryMutants } from "../../../../test/support/mutate.ts";
import { type CraftedMember, craftTar } from "../../../../test/support/tar.ts";
import { memorySource } from "../../bytes/byte-source.ts";
import type { FileSystem } from "../driver.ts";
import { layeredFileSystem, memberContent, readTar, tarFileSystem } from "./index.ts";

async function tree(...members: readonly CraftedMember[]): Promise<FileSystem> {
  return tarFileSystem(await readTar(memorySource(craftTar(members), "x.tar")), "x.tar");
}

async function paths(fs: FileSystem): Promise<readonly string[]> {
  return Object.entries(await digestTree(fs)).map(([path, what]) => `${path} ${what.split(" ")[0]}`);
}

describe("hostile members are inert", () => {
  test("paths that lead out", async () => {
    const fs = await tree(
      { path: "../../etc/passwd", data: "x" },
      { path: "a/../../b", data: "x" },
      { path: "/etc/absolute", data: "x" },
      { path: "", data: "x" },
      { path: "./", type: "5" },
      { path: "..", type: "5" },
    );
    expect(await paths(fs)).toEqual(["/etc directory", "/etc/absolute file"]);
    expect(fs.notes).toEqual(["3 members whose path has .. were left out"]);
  });

  test("members below links stay inside, however the link is written", async () => {
    const fs = await tree(
      { path: "up", type: "2", linkPath: "../../../../.." },
      { path: "up/inside", data: "x" },
      { path: "abs", type: "2", linkPath: "/real" },
      { path: "abs/file", data: "x" },
      { path: "loop", type: "2", linkPath: "loop" },
      { path: "loop/file", data: "x" },
      { path: "file", data: "x" },
      { path: "file/below", data: "x" },
    );
    expect(await paths(fs)).toEqual([
      "/abs symlink",
      "/file file",
      "/inside file",
      "/loop symlink",
      "/real directory",
      "/real/file file",
      "/up symlink",
    ]);
    expect(fs.notes).toEqual(["2 members below something that is no folder were left out"]);
  });

  test("devices, hard links to nothing and to folders, unknown types", async () => {
    const fs = await tree(
      { path: "dev/sda", type: "4" },
      { path: "dev/tty", type: "3" },
      { path: "fifo", type: "6" },
      { path: "hard", type: "1", linkPath: "/etc/shadow" },
      { path: "folder", type: "1", linkPath: "dev" },
      { path: "volume", type: "V" },
    );
    expect(await paths(fs)).toEqual([
      "/dev directory",
      "/dev/sda special",
      "/dev/tty special",
      "/fifo special",
    ]);
    expect(fs.notes).toEqual([
      "2 members that are hard links to nothing were left out",
      '1 members of type "V" were left out',
    ]);
    await expect((await (await fs.root()).lookup("fifo"))?.content()).rejects.toMatchObject({
      code: "corrupt",
    });
  });

  test.each([
    ["77777777777", /ends in the middle/],
    ["\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", /impossible number/],
    ["\x80\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", /impossible number/],
    ["zzz", /impossible number/],
  ])("the size %j", async (sizeField, message) => {
    await expect(tree({ path: "a", data: "x", sizeField })).rejects.toMatchObject({
      code: "corrupt",
      message: expect.stringMatching(message),
    });
  });

  test.each<[string, CraftedMember["sparse"]]>([
    [
      "overlapping",
      {
        pieces: [
          [512, 512],
          [600, 512],
        ],
        realSize: 4096,
      },
    ],
    ["past the end", { pieces: [[4096, 512]], realSize: 4096 }],
    [
      "more than there is",
      {
        pieces: [
          [0, 512],
          [512, 512],
          [1024, 512],
        ],
        realSize: 4096,
      },
    ],
  ])("sparse pieces %s", async (_, sparse) => {
    if (!sparse) return;
    await expect(tree({ path: "a", type: "S", data: "x".repeat(1024), sparse })).rejects.toMatchObject({
      code: "corrupt",
    });
  });

  test("a sparse file of exabytes costs nothing until it is read", async () => {
    const archive = craftTar([{ path: "a", type: "S", sparse: { pieces: [], realSize: 2 ** 33 - 1 } }]);
    const [entry] = await readTar(memorySource(archive, "x"));
    if (!entry) throw new Error("no entry");
    const content = memberContent(entry, "x");
    expect(content.size).toBe(2 ** 33 - 1);
    expect([...(await content.read(2 ** 32, 3))]).toEqual([0, 0, 0]);
  });

  test.each([
    ["5 a=", /impossible length/],
    ["99 path=x\n", /impossible length/],
    ["4 a\n", /that is none/],
    ["-1 a=b\n", /impossible length/],
  ])("the PAX record %j", async (data, message) => {
    await expect(tree({ path: "p", type: "x", data }, { path: "a" })).rejects.toThrow(message);
  });

  test("a PAX header without an end", async () => {
    const sizeField = (2 << 20).toString(8).padStart(11, "0");
    await expect(tree({ path: "p", type: "x", sizeField, data: "x" })).rejects.toMatchObject({
      code: "limit",
    });
  });

  test("folders without end", async () => {
    const deep = Array.from({ length: 40 }, (_, i) => ({
      type: "L",
      path: "@",
      data: `${`${i}/`.repeat(7000)}`,
    }));
    const members = deep.flatMap((name) => [name, { path: "a" }]);
    const repeated = Array.from({ length: 3 }, (_, i) =>
      members.map((one) => ("type" in one ? { ...one, data: `${i}/${one.data}` } : one)),
    ).flat();
    await expect(tree(...repeated)).rejects.toMatchObject({ code: "limit" });
  });
});

test("later members replace earlier ones", async () => {
  const fs = await tree(
    { path: "a", data: "old" },
    { path: "a", data: "new" },
    { path: "b", type: "2", linkPath: "a" },
    { path: "b", type: "5" },
    { path: "b/c", data: "c" },
    { path: "b", type: "5", mode: 0o700 },
  );
  const a = await (await (await fs.root()).lookup("a"))?.content();
  expect(Buffer.from((await a?.read(0, 3)) ?? []).toString()).toBe("new");
  expect(await paths(fs)).toEqual(["/a file", "/b directory", "/b/c file"]);
});

test("layers take away what they white out, and nothing of their own", async () => {
  const layer = (...members: readonly CraftedMember[]) => memorySource(craftTar(members), "layer");
  const fs = await layeredFileSystem(
    [
      layer({ path: "etc/a", data: "1" }, { path: "etc/b", data: "1" }, { path: "opt/x/y", data: "1" }),
      layer(
        { path: "opt/z", data: "2" },
        { path: "etc/.wh.a" },
        { path: "opt/.wh..wh..opq" },
        { path: ".wh.none" },
        { path: "../.wh.etc" },
        { path: "etc/c", type: "1", linkPath: "etc/b" },
      ),
      layer({ path: "etc/.wh.b" }, { path: "etc/b", data: "3" }),
    ],
    "x",
    [],
  );
  expect(await paths(fs)).toEqual([
    "/etc directory",
    "/etc/b file",
    "/etc/c file",
    "/opt directory",
    "/opt/z file",
  ]);
});

test("mutants are read or refused", async () => {
  for (const { name, bytes } of await target.seeds()) {
    const count = await tryMutants(bytes, (source) => target.read(source), { count: 1000 });
    console.log(`tar, ${name}: ${count.mutants} mutants, ${count.accepted} read, ${count.refused} refused`);
    expect(count.accepted).toBeGreaterThan(0);
  }
});
