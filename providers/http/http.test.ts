import { createHash } from "node:crypto";
import { describe, expect, onTestFinished, test } from "vitest";
import type { ByteSource } from "../../src/disk/bytes/byte-source.ts";
import { rangeServer } from "../../test/support/range-server.ts";
import { pattern } from "../../test/support/sources.ts";
import type { OpenImage, ProviderContext } from "../contract.ts";
import { checkRedirect, isPrivateAddress, watchedLookup } from "../ranges/addresses.ts";
import { HttpClient } from "../ranges/client.ts";
import { http } from "./index.ts";

const DATA = pattern(300_000);

async function open(url: string, context: ProviderContext = {}): Promise<OpenImage> {
  const [image] = await Array.fromAsync(http.list(url, context));
  if (!image) throw new Error("no image");
  const opened = await http.open(image, context);
  onTestFinished(opened.close);
  return opened;
}

function sourceOf({ target }: OpenImage): ByteSource {
  if (target.kind !== "disk") throw new Error("not a disk");
  return target.source;
}

async function same(source: ByteSource, offset: number, length: number): Promise<void> {
  const bytes = await source.read(offset, length);
  expect(Buffer.compare(bytes, DATA.subarray(offset, offset + length))).toBe(0);
}

describe("ranges", () => {
  test("are asked for as they are needed, the front once", async () => {
    const { origin, log } = await rangeServer({ "/x.img": DATA });
    const opened = await open(`${origin}/x.img`);
    const source = sourceOf(opened);
    expect(source.size).toBe(DATA.length);
    await Promise.all([same(source, 0, 4096), same(source, 100_000, 5000), same(source, 299_000, 1000)]);
    expect(log).toEqual([
      "GET /x.img bytes=0-4607",
      "GET /x.img bytes=100000-104999",
      "GET /x.img bytes=299000-299999",
    ]);
    expect(opened.requests?.()).toBe(3);
    await expect(source.read(299_000, 1001)).rejects.toMatchObject({ code: "corrupt" });
  });

  test.each([0, 1, 100, 32_768, 32_769])("of a file of %d bytes", async (size) => {
    const { origin } = await rangeServer({ "/x.img": DATA.subarray(0, size) });
    const source = sourceOf(await open(`${origin}/x.img`));
    expect(source.size).toBe(size);
    await same(source, 0, size);
  });

  test.each([
    ["5xx", { errors: 2 }],
    ["429", { errors: 1, errorStatus: 429, retryAfter: "0" }],
    ["cut connections", { cuts: 2 }],
  ])("are asked for again after %s", async (_, trouble) => {
    const { origin, behaviour } = await rangeServer({ "/x.img": DATA });
    Object.assign(behaviour, trouble);
    const source = sourceOf(await open(`${origin}/x.img`));
    Object.assign(behaviour, trouble);
    await same(source, 100_000, 100_000);
  });

  test("are asked for again when the server falls silent", async () => {
    const { origin, behaviour } = await rangeServer({ "/x": "content" });
    behaviour.silences = 1;
    const client = new HttpClient(new URL(`${origin}/x`), "x", { idleMs: 100 });
    onTestFinished(() => client.close());
    expect(await client.get({}, async (reply) => reply.statusCode)).toBe(200);
    expect(client.requests).toBe(2);
  });

  test("end as an error after four tries, and at once when there is no point", async () => {
    const { origin, behaviour, log } = await rangeServer({ "/x.img": DATA });
    Object.assign(behaviour, { errors: 9, retryAfter: "0" });
    await expect(open(`${origin}/x.img`)).rejects.toMatchObject({
      code: "access",
      message: "the server answers 503 (tried 4 times)",
    });
    expect(log).toHaveLength(4);
    behaviour.errors = 0;
    await expect(open(`${origin}/none.img`)).rejects.toMatchObject({
      code: "access",
      message: expect.stringMatching(/404.*no such file/),
    });
    expect(log).toHaveLength(5);
  });

  test("wrong answers are refused", async () => {
    const { origin, behaviour } = await rangeServer({ "/x.img": DATA });
    const source = sourceOf(await open(`${origin}/x.img`));
    behaviour.wrongRange = true;
    await expect(source.read(100_000, 10)).rejects.toMatchObject({
      message: expect.stringMatching(/another part/),
    });
    Object.assign(behaviour, { wrongRange: false, encoding: "gzip" });
    await expect(source.read(100_000, 10)).rejects.toMatchObject({
      message: expect.stringMatching(/compresses/),
    });
  });

  test("Ctrl-C ends a request under way", async () => {
    const { origin, behaviour } = await rangeServer({ "/x.img": DATA });
    const source = sourceOf(await open(`${origin}/x.img`));
    behaviour.silences = 1;
    const stop = new AbortController();
    const read = source.read(100_000, 10, stop.signal);
    setTimeout(() => stop.abort(), 30);
    await expect(read).rejects.toMatchObject({ name: "AbortError" });
  });
});

describe("an image that changes on the server", () => {
  test.each([
    ["strong tag", { etag: '"v2"' }],
    ["weak tag", { etag: 'W/"v1"' }],
    ["date only", { etag: undefined }],
  ])("is noticed by its %s", async (_, first) => {
    const { origin, behaviour } = await rangeServer({ "/x.img": DATA });
    Object.assign(behaviour, first);
    const opened = await open(`${origin}/x.img`);
    const source = sourceOf(opened);
    await same(source, 50_000, 10);
    expect(opened.stale?.()).toBe(false);
    Object.assign(behaviour, {
      ...(first.etag === undefined ? {} : { etag: `${first.etag.slice(0, -1)}x"` }),
      lastModified: "Wed, 11 Nov 2026 10:00:00 GMT",
    });
    await expect(source.read(60_000, 10)).rejects.toMatchObject({ code: "transient" });
    expect(opened.stale?.()).toBe(true);
  });

  test("by its size when there is nothing else, and says so", async () => {
    const { origin, behaviour, files } = await rangeServer({ "/x.img": DATA });
    Object.assign(behaviour, { etag: undefined, lastModified: undefined });
    const opened = await open(`${origin}/x.img`);
    expect(opened.target.notes).toEqual([expect.stringMatching(/names no version/)]);
    files.set("/x.img", DATA.subarray(1));
    await expect(sourceOf(opened).read(60_000, 10)).rejects.toMatchObject({ code: "transient" });
  });
});

describe("servers without ranges", () => {
  test("are refused in words that help, or fetched whole", async () => {
    const { origin, behaviour, log } = await rangeServer({ "/x.img": DATA });
    behaviour.noRanges = true;
    await expect(open(`${origin}/x.img`)).rejects.toMatchObject({
      code: "access",
      message: expect.stringMatching(/--download/),
    });
    for (const noLength of [false, true]) {
      behaviour.noLength = noLength;
      const opened = await open(`${origin}/x.img`, { download: true });
      await same(sourceOf(opened), 0, DATA.length);
      expect(opened.target.notes?.[0]).toBe("fetched whole");
    }
    expect(log).toHaveLength(3);
  });

  test("small files need no ranges", async () => {
    const { origin, behaviour } = await rangeServer({ "/x.img": DATA.subarray(0, 1000) });
    behaviour.noRanges = true;
    await same(sourceOf(await open(`${origin}/x.img`)), 0, 1000);
  });

  test("a download that breaks starts again; one too large is refused", async () => {
    const { origin, behaviour } = await rangeServer({ "/x.img": DATA });
    behaviour.cuts = 2;
    await same(sourceOf(await open(`${origin}/x.img`, { download: true })), 0, DATA.length);
    await expect(open(`${origin}/x.img`, { download: true, spoolMaxBytes: 1000 })).rejects.toMatchObject({
      code: "limit",
    });
  });
});

describe("digests", () => {
  const hex = createHash("sha256").update(DATA).digest("hex");

  test("are declared, or verified by fetching all", async () => {
    const { origin } = await rangeServer({ "/x.img": DATA });
    const digest = { algorithm: "sha256", hex } as const;
    const declared = await open(`${origin}/x.img`, { digest });
    expect(declared.target.notes).toEqual([expect.stringMatching(/declared, not verified/)]);
    const verified = await open(`${origin}/x.img`, { digest, verifyDigest: true });
    expect(verified.target.notes).toEqual([`fetched whole, sha256 verified: ${hex}`]);
    await same(sourceOf(verified), 0, DATA.length);
    const wrong = { digest: { algorithm: "sha256", hex: "0".repeat(64) }, verifyDigest: true } as const;
    await expect(open(`${origin}/x.img`, wrong)).rejects.toMatchObject({ code: "corrupt" });
  });

  test("come from the list beside the image, of the same server only, without the address's query", async () => {
    const { origin, behaviour, log } = await rangeServer({
      "/a/x y.img": DATA,
      "/a/CHECKSUM": `SHA256 (other.img) = ${"0".repeat(64)}\nSHA256 (x y.img) = ${hex}\n`,
      "/b/x.img": DATA,
      "/b/x.img.sha256": `${hex}  x.img\n`,
      "/c/x.img": DATA,
      "/c/SHA256SUMS": `${"0".repeat(64)}  x.img\n`,
      "/d/x.img": DATA,
      "/d/SHA256SUMS": `${hex}  y.img\n`,
      "/e/x.img": DATA,
      "/f/x.img": DATA,
      "/f/SHA256SUMS": `${hex}  x.img\n${"1".repeat(64)}  x.img\n`,
      "/g/x.img": DATA,
    });
    for (const path of ["/a/x%20y.img?sig=secret", "/b/x.img"]) {
      const { target } = await open(origin + path, { verifyDigest: true });
      expect(target.notes).toEqual([`fetched whole, sha256 verified: ${hex}`]);
    }
    expect(log.filter((line) => line.includes("secret"))).toHaveLength(1);
    const elsewhere = await rangeServer({ "/list": `${hex}  x.img\n` });
    behaviour.redirects = new Map([["/g/SHA256SUMS", `${elsewhere.origin}/list`]]);
    for (const [path, code, message] of [
      ["/c/x.img", "corrupt", /sha256/],
      ["/d/x.img", "usage", /SHA256SUMS beside it does not name it: give it with --digest/],
      ["/e/x.img", "usage", /none of SHA256SUMS, .* lies beside it: give it with --digest/],
      ["/f/x.img", "access", /two digests/],
      ["/g/x.img", "access", /redirects to another one/],
    ] as const)
      await expect(open(origin + path, { verifyDigest: true })).rejects.toMatchObject({
        code,
        message: expect.stringMatching(message),
      });
  });

  test("come from the list that names the image", async () => {
    const { origin } = await rangeServer({ "/x.img": DATA, "/SHA256SUMS": `${hex}  x.img\n` });
    const verified = await open(`${origin}/SHA256SUMS`, { verifyDigest: true });
    expect(verified.target.notes).toEqual([`fetched whole, sha256 verified: ${hex}`]);
  });
});

describe("redirects", () => {
  test("are followed, and later requests go straight to where they led", async () => {
    const { origin, behaviour, log } = await rangeServer({ "/real.img": DATA });
    behaviour.redirects = new Map([
      ["/x.img", "/hop"],
      ["/hop", `${origin}/real.img?sig=secret`],
    ]);
    const source = sourceOf(await open(`${origin}/x.img`));
    await same(source, 100_000, 10);
    expect(log.slice(2)).toEqual([
      "GET /real.img?sig=secret bytes=0-4607",
      "GET /real.img?sig=secret bytes=100000-100009",
    ]);
    expect(source.label).toBe(`${origin}/x.img`);
  });

  test("that ran out are asked for again where they came from", async () => {
    const { origin, behaviour, files } = await rangeServer({ "/a.img": DATA });
    behaviour.redirects = new Map([["/x.img", "/a.img"]]);
    const source = sourceOf(await open(`${origin}/x.img`));
    files.delete("/a.img");
    files.set("/b.img", DATA);
    behaviour.redirects = new Map([["/x.img", "/b.img"]]);
    await same(source, 100_000, 10);
  });

  test.each([
    ["file:///etc/passwd", /scheme file:/],
    ["ftp://example.org/x", /scheme ftp:/],
    ["http://user:pass@127.0.0.1/x", /password/],
    ["", /no usable address/],
    ["http://", /no usable address/],
    ["/x.img", /more than 5 redirects/],
  ])("to %j are not followed", async (to, message) => {
    const { origin, behaviour } = await rangeServer({});
    behaviour.redirects = new Map([["/x.img", to]]);
    await expect(open(`${origin}/x.img`)).rejects.toMatchObject({
      code: "access",
      message: expect.stringMatching(message),
    });
  });

  test("from https to http are not followed, the other way they are", () => {
    const [plain, safe] = [new URL("http://example.org/x"), new URL("https://example.org/x")];
    expect(() => checkRedirect(safe, plain, "x")).toThrow(/from https to http/);
    expect(() => checkRedirect(plain, safe, "x")).not.toThrow();
  });

  test("what a name leads to is seen before anything connects", async () => {
    const seen: string[] = [];
    const look = watchedLookup("localhost", (address) => {
      seen.push(address);
      if (isPrivateAddress(address)) throw new Error("private");
    });
    const error = await new Promise((resolve) => look("localhost", {}, (refused) => resolve(refused)));
    expect(error).toMatchObject({ message: "private" });
    expect(seen.length).toBeGreaterThan(0);
  });

  test("private addresses are known in all their spellings", () => {
    for (const address of [
      "127.0.0.1",
      "10.1.2.3",
      "172.31.0.1",
      "192.168.0.1",
      "169.254.169.254",
      "100.64.0.1",
      "0.0.0.0",
    ])
      expect(isPrivateAddress(address), address).toBe(true);
    for (const address of [
      "::1",
      "::",
      "fe80::1",
      "fd00:ec2::254",
      "::ffff:169.254.169.254",
      "::ffff:7f00:1",
      "ff02::1",
    ])
      expect(isPrivateAddress(address), address).toBe(true);
    for (const address of ["8.8.8.8", "172.32.0.1", "2606:4700::1111", "::ffff:8.8.8.8", "name"])
      expect(isPrivateAddress(address), address).toBe(false);
  });
});

describe("targets", () => {
  test("passwords in URLs are refused, signed queries never shown", async () => {
    await expect(Array.fromAsync(http.list("https://u:p@example.org/x.img", {}))).rejects.toMatchObject({
      code: "usage",
    });
    const [image] = await Array.fromAsync(http.list("https://example.org/a/x.qcow2?sig=secret#frag", {}));
    expect(image).toEqual({
      provider: "http",
      id: "https://example.org/a/x.qcow2",
      name: "x.qcow2",
      family: "x",
    });
  });
});

test("a list that comes before its file tells of no content: list and file only do together", async () => {
  const { origin, behaviour, files } = await rangeServer({ "/SHA256SUMS": "", "/x.qcow2": DATA });
  const markOf = async (digit: string, context: ProviderContext = {}): Promise<string | undefined> => {
    files.set("/SHA256SUMS", Buffer.from(`${digit.repeat(64)}  x.qcow2\n`));
    const [image] = await Array.fromAsync(http.list(`${origin}/SHA256SUMS`, context));
    if (!image) throw new Error("no image");
    return http.mark?.(image, context);
  };
  const marks = [await markOf("1"), await markOf("2")];
  behaviour.etag = '"v2"';
  marks.push(await markOf("2"));
  expect(new Set(marks).size).toBe(3);
  expect(await markOf("2")).toBe(marks[2]);
  // What is fetched whole is held against its digest.
  expect(await markOf("2", { verifyDigest: true })).toBe(`sha256:${"2".repeat(64)}`);
  behaviour.noRanges = true;
  expect(await markOf("2")).toBeUndefined();
});
