import { expect, test } from "vitest";
import { type Files, memoryFileSystem } from "../../test/support/memory-fs.ts";
import { Tree } from "../disk/filesystems/tree.ts";
import { corrupt } from "../errors.ts";
import { type Observations, observe } from "../model/observations.ts";
import type { Asks, Want } from "../model/snapshot.ts";
import { extract } from "./extract.ts";

async function look(files: Files, wants: readonly Want[], follow?: Asks["follow"]): Promise<Observations> {
  const tree = new Tree([{ path: "/", locator: "image > ext4", fs: memoryFileSystem(files) }]);
  return observe(await extract(tree, [follow ? { wants, follow } : { wants }]));
}

test("records files, links on the way, complete listings and what is absent", async () => {
  const seen = await look(
    { etc: { "sysctl.d": { "9.conf": { link: "../s" }, "1.conf": "a=1\n" }, s: "b=2\n" } },
    [{ path: "/etc/sysctl.d/*.conf" }, { path: "/etc/none" }],
  );
  expect(seen.list("/etc/sysctl.d")).toMatchObject({
    value: [
      { name: "1.conf", type: "file" },
      { name: "9.conf", type: "symlink", target: "../s" },
    ],
  });
  expect(seen.file("/etc/sysctl.d/9.conf")).toMatchObject({ value: { realPath: "/etc/s" } });
  expect(seen.file("/etc/sysctl.d/2.conf").state).toBe("absent");
  expect(seen.file("/etc/none").state).toBe("absent");
  expect(seen.file("/etc/other").state).toBe("unreadable");
});

test("what cannot be read is unreadable with its reason, never absent", async () => {
  const seen = await look(
    { etc: { "x.d": corrupt("ext4", "bad directory block", 4096), y: corrupt("ext4", "bad inode") } },
    [{ path: "/etc/x.d/*.conf" }, { path: "/etc/y" }],
  );
  expect(seen.file("/etc/x.d/a.conf")).toMatchObject({ state: "unreadable" });
  expect(seen.file("/etc/y")).toMatchObject({ state: "unreadable", reason: "corrupt: bad inode (ext4)" });
});

test("reads growing heads until every wanted line was seen", async () => {
  const text = `${"# filler\n".repeat(8000)}CONFIG_IPV6=y\n${"# more\n".repeat(40_000)}`;
  const want = { path: "/c", until: [["CONFIG_IPV6=", "# CONFIG_IPV6 is not set"]] };
  const seen = (await look({ c: text }, [want])).file("/c");
  expect(seen).toMatchObject({ state: "found", value: { truncated: true } });
  expect(seen.state === "found" && seen.value.bytes.length).toBe(72 << 10);
  const short = (await look({ c: "CONFIG_IPV6=m\n" }, [want])).file("/c");
  expect(short).toMatchObject({ value: { truncated: false } });
});

test("an unfinished last line does not count as seen", async () => {
  const text = `${"#".repeat((32 << 10) - 13)}\nCONFIG_IPV6=m\n${"#\n".repeat(40_000)}`;
  const seen = (await look({ c: text }, [{ path: "/c", until: [["CONFIG_IPV6="]] }])).file("/c");
  expect(seen.state === "found" && Buffer.from(seen.value.bytes).toString().includes("CONFIG_IPV6=m\n")).toBe(
    true,
  );
});

test("follows what files name, and ends when they name each other for ever", async () => {
  let asked = 0;
  const seen = await look({ a: "/b", b: "/c", c: "end" }, [{ path: "/a" }], (now) => {
    asked++;
    const wants = ["/a", "/b"].flatMap((path) => {
      const file = now.file(path);
      return file.state === "found" ? [{ path: Buffer.from(file.value.bytes).toString() }] : [];
    });
    return [...wants, { path: `/new-${asked}` }];
  });
  expect(seen.file("/c").state).toBe("found");
  expect(asked).toBe(8);
});

test("names-only folders give types and link targets without content", async () => {
  const seen = await look({ w: { "a.service": { link: "/lib/a.service" }, b: "text", c: {} } }, [
    { path: "/w", what: "names" },
  ]);
  expect(seen.list("/w")).toMatchObject({
    value: [
      { name: "a.service", type: "symlink", target: "/lib/a.service" },
      { name: "b", type: "file" },
      { name: "c", type: "directory" },
    ],
  });
  expect(seen.file("/w/b").state).toBe("unreadable");
});

test("a short read of a long file says that it is truncated", async () => {
  const seen = await look({ big: "x".repeat(5000) }, [{ path: "/big", maxBytes: 1000 }]);
  expect(seen.file("/big")).toMatchObject({ value: { truncated: true } });
});

test("early asks go along with the fetch that is under way, and are waited for", async () => {
  const tree = new Tree([
    {
      path: "/",
      locator: "image > ext4",
      fs: memoryFileSystem({ a: "/far/b/c", far: { b: { c: "end" } }, deep: { er: { f: "x" } } }),
    },
  ]);
  const early = (now: Observations): readonly Want[] => {
    const file = now.file("/a");
    return file.state === "found" ? [{ path: Buffer.from(file.value.bytes).toString() }] : [];
  };
  let seenByFollow: string | undefined;
  const asks: Asks = {
    wants: [{ path: "/a" }, { path: "/deep/er/f" }],
    early,
    follow(now) {
      seenByFollow ??= now.file("/far/b/c").state;
      return [];
    },
  };
  expect(observe(await extract(tree, [asks])).file("/far/b/c").state).toBe("found");
  expect(seenByFollow).toBe("found");
  const failing: Asks = {
    wants: [{ path: "/a" }],
    early: () => {
      throw new Error("a bug");
    },
  };
  await expect(extract(tree, [failing])).rejects.toThrow("a bug");
});
