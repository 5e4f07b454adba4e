import { createHash } from "node:crypto";
import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { pack } from "tar-stream";
import { describe, expect, test } from "vitest";
import type { Extract } from "../model/extract.ts";
import type { SnapshotEntry } from "../model/snapshot.ts";
import { isMember, memberOf } from "./member.ts";
import { readBundle } from "./read.ts";
import { gathered } from "./stream.ts";
import { writeBundle } from "./write.ts";

const FACTS = { engine: "sixray 0.1.0", day: "2026-11-25" };
const IMAGE = { provider: "file", id: "x.qcow2", name: "x.qcow2", family: "x" };
const COST = { reads: 3, bytes: 4096, rounds: 2 };

function file(path: string, text: string): SnapshotEntry {
  const bytes = new Uint8Array(Buffer.from(text));
  const locator = `x.qcow2 > ${path}`;
  return {
    kind: "file",
    path,
    locator,
    bytes,
    sizeBytes: bytes.length,
    truncated: false,
    mode: 0o644,
    uid: 0,
  };
}

function taken(...entries: readonly SnapshotEntry[]): Extract {
  return {
    state: "read",
    image: IMAGE,
    snapshot: { entries: new Map(entries.map((entry) => [entry.path, entry])) },
    notes: ["dirty journal: 12 blocks replayed in memory"],
    doubts: [
      { locator: "x.qcow2 > ext4", why: "a log was not replayed" },
      { locator: "x.qcow2 > BCD", why: "another may boot", ofSystem: true },
    ],
    unread: [{ what: "gpt#3", reason: "unsupported: LUKS2" }],
    cost: COST,
    access: { rung: "direct", booted: false, created: [], costUsd: 0.0001, checksums: "verified" },
  };
}

const ALL = taken(
  file("/etc/sysctl.conf", "net.ipv6.conf.all.disable_ipv6 = 1\n"),
  file("/etc/odd \udce9\u202ename/../x", "a name that is no UTF-8\n"),
  { kind: "seen", path: "/usr/sbin/sysctl", locator: "l", type: "file", mode: 0o755, sizeBytes: 7 },
  { kind: "symlink", path: "/etc/x", locator: "l", target: "../../../etc/passwd" },
  { kind: "directory", path: "/etc", locator: "l", names: ["x", "\udcff"] },
  { kind: "absent", path: "/etc/modprobe.conf", locator: "l" },
  { kind: "unreadable", path: "/etc/shadow", locator: "l", reason: "corrupt: bad checksum" },
);

const WINDOWS: Extract = {
  ...taken(),
  state: "read",
  notes: [],
  doubts: [],
  snapshot: {
    entries: new Map(),
    registry: new Map([
      [
        "SYSTEM\\CurrentControlSet\\Services\\Tcpip6",
        {
          state: "found",
          locator: "l",
          value: {
            values: [
              { name: "Start", type: "REG_DWORD", data: { kind: "number", value: 3 } },
              {
                name: "Odd",
                type: "REG_BINARY",
                data: { kind: "bytes", value: new Uint8Array([0, 255, 7]) },
              },
              { name: "List", type: "REG_MULTI_SZ", data: { kind: "list", value: ["a", ""] } },
              { name: "Text", type: "REG_SZ", data: { kind: "text", value: "\ud800" } },
            ],
          },
        },
      ],
      ["SYSTEM\\Absent", { state: "absent", locator: "l" }],
      ["SOFTWARE\\Broken", { state: "unreadable", locator: "l", reason: "corrupt: hive" }],
    ]),
  },
};

const FAILED: Extract = {
  state: "failed",
  image: IMAGE,
  reason: "unsupported: LUKS2",
  unread: [{ what: "image", reason: "unsupported: LUKS2" }],
  cost: COST,
};

describe("what is written is read back", () => {
  test.each([
    ["files", ALL],
    ["a registry", WINDOWS],
    ["a failure", FAILED],
  ])("%s", async (_, extract) => {
    const bundle = await readBundle(await writeBundle(extract, FACTS), "b");
    expect(bundle).toEqual({ ...FACTS, extract });
  });

  test("the same extract gives the same bytes", async () => {
    const [one, other] = [await writeBundle(ALL, FACTS), await writeBundle(structuredClone(ALL), FACTS)];
    expect(Buffer.compare(one, other)).toBe(0);
  });

  test("tar shows what was read, under its name", async () => {
    const tar = gunzipSync(await writeBundle(ALL, FACTS));
    expect(tar.includes("files/etc/sysctl.conf")).toBe(true);
    expect(tar.includes("files/etc/odd%20%E9%E2%80%AEname/%2E%2E/x")).toBe(true);
  });
});

test("names of members are safe, and differ when paths do", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (a, b) => {
      const [one, other] = [memberOf(`/etc/${a}`), memberOf(`/etc/${b}`)];
      expect(isMember(one)).toBe(true);
      const plain = (path: string): string => path.replace(/\/+/g, "/").replace(/\/$/, "");
      // What is no text is one in UTF-8: a lone surrogate that stands for no byte does not come from an image.
      if (a.isWellFormed() && b.isWellFormed()) expect(one === other).toBe(plain(a) === plain(b));
    }),
  );
});

/** A bundle of members as they are given, whatever they are. */
async function crafted(
  members: readonly {
    readonly name: string;
    readonly text?: string;
    readonly type?: "symlink" | "link" | "character-device" | "directory";
  }[],
): Promise<Uint8Array> {
  const tar = pack();
  for (const { name, text = "", type } of members) {
    if (type === undefined) tar.entry({ name }, text);
    else tar.entry({ name, type, linkname: "/etc/passwd" });
  }
  tar.finalize();
  return gzipSync(await gathered(tar));
}

const TEXT = "x = 1\n";
const SHA256 = createHash("sha256").update(TEXT).digest("hex");
const ENTRY = {
  kind: "file",
  path: "/etc/x",
  locator: "l",
  member: "files/etc/x",
  sha256: SHA256,
  sizeBytes: 6,
  truncated: false,
};

function manifest(more: object = {}): { name: string; text: string } {
  const plain = { bundleVersion: 1, ...FACTS, image: IMAGE, state: "read", entries: [ENTRY], notes: [] };
  return {
    name: "manifest.json",
    text: JSON.stringify({ ...plain, doubts: [], unread: [], cost: COST, ...more }),
  };
}
const X = { name: "files/etc/x", text: TEXT };

async function refusal(bytes: Uint8Array | Promise<Uint8Array>): Promise<string> {
  return readBundle(await bytes, "b").then(
    () => "accepted",
    (error: unknown) => String(error instanceof Error ? error.message : error),
  );
}

describe("a bundle is as hostile as a disk", () => {
  test("the plain one is accepted", async () => {
    expect(await refusal(crafted([manifest(), X]))).toBe("accepted");
  });

  test.each<[string, Parameters<typeof crafted>[0], RegExp]>([
    [
      "a path out of it",
      [manifest(), X, { name: "files/../../etc/cron.d/x" }],
      /no name of a bundle's member/,
    ],
    ["an absolute path", [manifest(), X, { name: "/etc/passwd" }], /no name of a bundle's member/],
    ["a file beside", [manifest(), X, { name: "README" }], /no name of a bundle's member/],
    ["a symlink", [manifest(), { ...X, type: "symlink" }], /"files\/etc\/x" is a symlink/],
    ["a hard link", [manifest(), { ...X, type: "link" }], /is a link/],
    ["a device", [manifest(), { ...X, type: "character-device" }], /is a character-device/],
    ["a folder", [{ name: "files/", type: "directory" }, manifest(), X], /is a directory/],
    ["a member twice", [manifest(), X, X], /is in it twice/],
    [
      "a content that no entry names",
      [manifest(), X, { name: "files/etc/y" }],
      /files\/etc\/y is not in the manifest/,
    ],
    ["a content that is missing", [manifest()], /files\/etc\/x is missing/],
    ["a changed content", [manifest(), { ...X, text: "x = 2\n" }], /files\/etc\/x was changed/],
    ["no manifest", [X], /no manifest\.json/],
    ["no JSON", [{ name: "manifest.json", text: "{" }, X], /^manifest\.json: /],
    [
      "a key twice",
      [{ ...manifest(), text: manifest().text.replace("{", '{"day":"2020-01-01",') }, X],
      /the key day stands there twice/,
    ],
    ["another version", [manifest({ bundleVersion: 2 }), X], /bundleVersion/],
    [
      "an entry of another path",
      [manifest({ entries: [{ ...ENTRY, path: "/etc/y" }] }), X],
      /is not of \/etc\/y/,
    ],
    [
      "a path twice",
      [
        manifest({
          entries: [
            { kind: "absent", path: "/x", locator: "l" },
            { kind: "absent", path: "/x", locator: "l" },
          ],
        }),
      ],
      /a path is in it twice/,
    ],
  ])("%s", async (_, members, message) => {
    expect(await refusal(crafted(members))).toMatch(message);
  });

  test("what is no archive, or half of one", async () => {
    expect(await refusal(new Uint8Array(0))).toMatch(/no manifest|not an evidence bundle/);
    expect(await refusal(new Uint8Array(1000))).toMatch(/not an evidence bundle/);
    const whole = await writeBundle(ALL, FACTS);
    expect(await refusal(whole.slice(0, whole.length >> 1))).toMatch(/not an evidence bundle/);
  });

  test("a bomb", async () => {
    const bomb = gzipSync(new Uint8Array((256 << 20) + 1024));
    expect(bomb.length).toBeLessThan(1 << 20);
    expect(await refusal(bomb)).toMatch(/more than 256 MiB|not an evidence bundle/);
  });

  test("a manifest that costs more than it is worth", async () => {
    const text = (json: string) => crafted([{ name: "manifest.json", text: json }]);
    expect(await refusal(text("[".repeat(1 << 20)))).toMatch(/nested more than 32 deep/);
    expect(await refusal(text('{"a":'.repeat(100)))).toMatch(/nested more than 32 deep/);
    expect(await refusal(text(`"${"[".repeat(100)}\\"${"[".repeat(100)}"`))).not.toMatch(/nested/);
    expect(await refusal(text(`[${"[],".repeat(6 << 20)}0]`))).toMatch(/larger than any: 16 MiB/);
    const { text: whole } = manifest({ notes: ["[".repeat(100)] });
    expect(await refusal(crafted([{ name: "manifest.json", text: whole }, X]))).toBe("accepted");
  });

  test("any changed byte is refused, or changes nothing that is told", async () => {
    const whole = await writeBundle(ALL, FACTS);
    const plain = gunzipSync(whole);
    let refused = 0;
    for (let at = 0; at < plain.length; at += 41) {
      const mutant = Uint8Array.from(plain);
      mutant[at] = (mutant[at] ?? 0) ^ 0x20;
      const answer = await readBundle(gzipSync(mutant, { level: 1 }), "b").catch((error: unknown) => error);
      if (answer instanceof Error) refused++;
      if (answer instanceof Error) expect(answer.name).toBe("ScanError");
    }
    expect(refused).toBeGreaterThan(10);
  });
});
