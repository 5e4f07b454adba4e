import { describe, expect, test } from "vitest";
import { type Files, memoryFileSystem } from "../../../test/support/memory-fs.ts";
import { corrupt, unsupported } from "../../errors.ts";
import type { DirEntry, FsNode } from "./driver.ts";
import { globMatcher } from "./path.ts";
import { type Located, Tree } from "./tree.ts";
import { walk } from "./walk.ts";

const FILES: Files = {
  etc: {
    "os-release": { link: "../usr/lib/os-release" },
    passwd: "inside",
    "sysctl.d": {
      "10-a.conf": "a",
      "99-sysctl.conf": { link: "../sysctl.conf" },
      ".hidden.conf": "",
      "b.txt": "",
    },
    up: { link: "../../../../etc/passwd" },
    absolute: { link: "/etc/passwd" },
    loop: { link: "loop2" },
    loop2: { link: "loop" },
    dangling: { link: "/nowhere/at/all" },
    broken: corrupt("memory", "bad inode"),
  },
  lib: { link: "usr/lib" },
  usr: { lib: { "os-release": "ID=debian\n", modules: { "6.1": { x: "1" }, "6.2": { x: "2" } } } },
  boot: {},
};

function tree(files: Files = FILES): Tree {
  return new Tree([{ path: "/", locator: "image > ext4", fs: memoryFileSystem(files) }]);
}

function brief(located: Located): string {
  return `${located.state} ${located.path}`;
}

describe("resolve", () => {
  test.each([
    ["/", "found /"],
    ["/etc/../etc/./passwd", "found /etc/passwd"],
    ["/etc/os-release", "found /usr/lib/os-release"],
    ["/lib/os-release", "found /usr/lib/os-release"],
    ["/etc/up", "found /etc/passwd"],
    ["/etc/absolute", "found /etc/passwd"],
    ["/../../etc/passwd", "found /etc/passwd"],
    ["/etc/dangling", "absent /nowhere"],
    ["/etc/passwd/x", "absent /etc/passwd/x"],
    ["/etc/sysctl.d/99-sysctl.conf", "absent /etc/sysctl.conf"],
    ["/etc/loop", "unreadable /etc/loop"],
    ["/etc/broken", "unreadable /etc/broken"],
    ["/etc/broken/deeper", "unreadable /etc/broken"],
  ])("%s", async (path, expected) => {
    expect(brief(await tree().resolve(path))).toBe(expected);
  });

  test("names layer and reason of what cannot be read", async () => {
    const located = await tree().resolve("/etc/broken");
    expect(located.state === "unreadable" && located.error.line).toBe("corrupt: bad inode (memory)");
    expect(located.locator).toBe("image > ext4 > /etc/broken");
  });

  test("stops at links that lead in circles", async () => {
    const located = await tree().resolve("/etc/loop");
    expect(located.state === "unreadable" && located.error.code).toBe("limit");
  });
});

describe("mounts", () => {
  const mounted = new Tree([
    { path: "/", locator: "image > gpt#2 > ext4", fs: memoryFileSystem(FILES) },
    { path: "/boot", locator: "image > gpt#1 > ext4", fs: memoryFileSystem({ grub: { "grub.cfg": "x" } }) },
    { path: "/usr", locator: "image > gpt#3", fs: unsupported("gpt#3", "LUKS2") },
  ]);

  test("cover what lies below them", async () => {
    const located = await mounted.resolve("/boot/grub/grub.cfg");
    expect(located.locator).toBe("image > gpt#1 > ext4 > /boot/grub/grub.cfg");
  });

  test("are left again by ..", async () => {
    expect(brief(await mounted.resolve("/boot/grub/../../etc/passwd"))).toBe("found /etc/passwd");
  });

  test("that cannot be read make everything below unreadable, never absent", async () => {
    const located = await mounted.resolve("/etc/os-release");
    expect(brief(located)).toBe("unreadable /usr");
    expect(located.state === "unreadable" && located.error.message).toBe("LUKS2");
  });
});

describe("glob", () => {
  test.each([
    ["/etc/sysctl.d/*.conf", ["found /etc/sysctl.d/10-a.conf", "found /etc/sysctl.d/99-sysctl.conf"]],
    ["/etc/sysctl.d/.*", ["found /etc/sysctl.d/.hidden.conf"]],
    ["/lib/modules/*/x", ["found /usr/lib/modules/6.1/x", "found /usr/lib/modules/6.2/x"]],
    ["/lib/modules/?.3/x", []],
    ["/none/*.conf", ["absent /none"]],
    ["/etc/passwd/*", ["absent /etc/passwd/*"]],
    ["/etc/brok*", ["unreadable /etc/broken"]],
  ])("%s", async (pattern, expected) => {
    expect((await tree().glob(pattern)).map(brief)).toEqual(expected);
  });

  test("takes time proportional to the name for a crafted pattern", () => {
    expect(globMatcher("*a*a*a*a*a*a*a*a*b", true)("a".repeat(20_000))).toBe(false);
  });
});

test("a pattern that lists one large folder under many names ends soon", async () => {
  const large = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`n${index}`, ""]));
  const files = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`d${index}`, large]));
  const inner = memoryFileSystem({ ...files, "d-small": { a: "" } });
  let listed = 0;
  const root = await inner.root();
  const counted = (one: FsNode): FsNode => ({
    ...one,
    lookup: async (name) => {
      const found = await one.lookup(name);
      return found && counted(found);
    },
    list: async () => {
      listed++;
      const entries = await one.list();
      return entries.map((entry) => ({ ...entry, open: async () => counted(await entry.open()) }));
    },
  });
  const one = new Tree([
    { path: "/", locator: "x", fs: { ...inner, root: () => Promise.resolve(counted(root)) } },
  ]);
  const found = await one.glob("/*/none*");
  expect(found.some(({ state }) => state === "unreadable")).toBe(true);
  expect(listed).toBeLessThan(40);
});

test("walk tells everything once, parents first, broken entries in their place", async () => {
  const all: string[] = [];
  const one = tree({ b: { c: "" }, a: corrupt("memory", "bad"), l: { link: "/b" } });
  const root = await one.resolve("/");
  if (root.state === "found") for await (const located of walk(one, root, true)) all.push(brief(located));
  expect(all).toEqual(["unreadable /a", "found /b", "found /b/c", "found /l"]);
});

test("what a folder lists is not looked up by name: that would read the folder again for each", async () => {
  const inner = memoryFileSystem({ a: "", b: { c: "" } });
  const root = await inner.root();
  const lookup = (): never => expect.fail("looked up");
  const one = new Tree([
    { path: "/", locator: "x", fs: { ...inner, root: () => Promise.resolve({ ...root, lookup }) } },
  ]);
  expect((await one.glob("/*")).map(brief)).toEqual(["found /a", "found /b"]);
  const start = await one.resolve("/");
  const all: string[] = [];
  if (start.state === "found") for await (const located of walk(one, start, true)) all.push(brief(located));
  expect(all).toEqual(["found /a", "found /b", "found /b/c"]);
});

test("a folder that lies inside itself is told, not followed", async () => {
  const inner = memoryFileSystem({ self: {} });
  const root = await inner.root();
  const again = async (): Promise<FsNode> => cyclic;
  const list = async (): Promise<readonly DirEntry[]> =>
    (await root.list()).map((entry) => ({ ...entry, open: again }));
  const cyclic: FsNode = { ...root, list, id: "1" };
  const one = new Tree([{ path: "/", locator: "x", fs: { ...inner, root: () => Promise.resolve(cyclic) } }]);
  const start = await one.resolve("/");
  const all: string[] = [];
  if (start.state === "found") for await (const located of walk(one, start, true)) all.push(brief(located));
  expect(all).toEqual(["found /self", "unreadable /self"]);
});
