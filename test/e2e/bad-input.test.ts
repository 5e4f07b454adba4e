import { once } from "node:events";
import { chmodSync, mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { sixray } from "../support/cli.ts";
import { missing, run, scratch } from "../support/images.ts";
import { SOFTWARE, SYSTEM, softwareHive, systemHive } from "../support/windows.ts";

const FIXTURES = fileURLToPath(new URL("../fixtures/", import.meta.url));
const folder = scratch("bad");
const at = (name: string): string => join(folder, name);

const good = readFileSync(join(FIXTURES, "images/on.qcow2"));
writeFileSync(at("text.img"), "this is not an image\n".repeat(2000));
writeFileSync(at("empty.img"), "");
writeFileSync(at("truncated.qcow2"), good.subarray(0, good.length >> 1));
writeFileSync(at("header-only.qcow2"), good.subarray(0, 70));
mkdirSync(at("no-system/pictures"), { recursive: true });
writeFileSync(at("super.img"), brokenExt());
writeFileSync(at("checksum.img"), changedExt());
symlinkSync("nowhere\u001b[2J", at("broken.qcow2"));
symlinkSync("circle.qcow2", at("circle.qcow2"));

/** An ext superblock that says it has a checksum, and has none. */
function changedExt(): Uint8Array {
  const bytes = brokenExt();
  bytes[1024 + 0x65] = 4;
  return bytes;
}

/** An ext superblock whose block size is absurd. */
function brokenExt(): Uint8Array {
  const bytes = Buffer.alloc(64 << 10);
  bytes.writeUInt16LE(0xef53, 1024 + 0x38);
  bytes.writeUInt32LE(0xffffffff, 1024 + 0x18);
  bytes.writeUInt32LE(1, 1024 + 0x4c);
  return bytes;
}

/** Each: one clear line that says what is wrong and where, exit 3. */
test.each([
  [
    "text.img",
    /neither a known image format, partition table nor file system: was the image downloaded whole\?/,
  ],
  [
    "checksum.img",
    /ext superblock: checksum mismatch: was the image downloaded whole\? Compare its checksum/,
  ],
  ["empty.img", /empty|0 bytes/],
  ["truncated.qcow2", /truncated\.qcow2 > qcow2/],
  ["header-only.qcow2", /header-only\.qcow2 > qcow2/],
  ["no-system", /no operating system/],
  ["super.img", /ext superblock.*super\.img.*offset 1024/],
  ["missing.qcow2", /no such file|does not exist/i],
])("%s", (name, message) => {
  const { code, out, err } = sixray(["scan", "--quiet", "--format", "json", at(name)]);
  expect(code).toBe(3);
  expect(err).toBe("");
  const results: unknown = JSON.parse(out);
  expect(JSON.stringify(results)).toMatch(message);
  expect(out).toMatch(/"verdict": "unreadable"/);
  expect(out).not.toMatch(/at .*\.ts:\d+/);
  const shown = sixray(["inspect", at(name)]);
  // Long paths of temporary folders wrap.
  expect((shown.out + shown.err).replaceAll(/\s+/g, " ")).toMatch(message);
});

/** Each: what to do, for somebody who knows nothing of error codes. */
test.each([
  ["broken.qcow2", 'the link leads nowhere: to "nowhere\\u001b[2J", which is not there (broken.qcow2)'],
  ["circle.qcow2", "the link leads in a circle: name the file itself (circle.qcow2)"],
  ["nothing-*.qcow2", "nothing matches: check the path and the pattern (nothing-*.qcow2)"],
  ["text.img/", "a file stands where the path needs a folder: check the path (a file's has no / at its end)"],
])("%s: says what to do", (name, message) => {
  if (process.platform === "win32") return;
  for (const args of [["scan", "--quiet", "--format", "csv"], ["inspect"], ["list"]]) {
    const { code, out, err } = sixray([...args, name], { cwd: folder });
    expect(code).toBe(3);
    expect((out + err).replaceAll('""', '"')).toContain(message);
  }
});

test("what a root file system does not let read is told in words", () => {
  mkdirSync(at("closed/etc/sysctl.d"), { recursive: true });
  mkdirSync(at("closed/usr"));
  writeFileSync(at("closed/etc/os-release"), "ID=debian\nVERSION_ID=13\n");
  chmodSync(at("closed/etc/sysctl.d"), 0);
  chmodSync(folder, 0o755);
  const nobody = process.getuid?.() === 0 ? { uid: 65534 } : {};
  const { code, out } = sixray(["scan", "--quiet", "--format", "json", "closed"], { cwd: folder, ...nobody });
  expect(code).toBe(3);
  expect(out).toContain("access: permission denied: sixray needs to read this folder and all in it");
  expect(out).not.toContain("EACCES");
});

test("a folder of images is told how to name them, and where", () => {
  mkdirSync(at("imgs"));
  writeFileSync(at("imgs/on.qcow2"), good);
  const { code, out } = sixray(["scan", "--quiet", "--format", "json", "imgs/"], { cwd: folder });
  expect(code).toBe(3);
  expect(out).toContain("image files in it are named one by one, or all at once: 'imgs/*' (imgs/)");
  expect(sixray(["scan", "--quiet", "imgs/*"], { cwd: folder }).code).toBe(1);
  const inspected = sixray(["inspect", "imgs"], { cwd: folder });
  expect(inspected.code).toBe(3);
  expect(inspected.out.replaceAll(/\s+/g, " ")).toContain("all at once: 'imgs/*'");
});

test("list: the size of files, no padding for one long name, and an error for what is not there", () => {
  mkdirSync(at("shelf"));
  const long = `${"n".repeat(200)}.img`;
  for (const name of ["short.img", long]) writeFileSync(join(at("shelf"), name), Buffer.alloc(3 << 20));
  symlinkSync("nowhere", join(at("shelf"), "gone.img"));
  const { code, out, err } = sixray(["list", "shelf/*"], { cwd: folder });
  expect(code).toBe(3);
  expect(err).toContain("the link leads nowhere");
  const [, , short = ""] = out.split("\n");
  expect(short).toMatch(/3 MiB {2}short {56} shelf\/short\.img$/);
  expect(sixray(["list", "--json", "shelf/s*"], { cwd: folder }).out).toContain('"sizeBytes":3145728');
  const missing = sixray(["list", "nope.qcow2"], { cwd: folder });
  expect(missing).toMatchObject({ code: 3, out: "", err: expect.stringContaining("no such file") });
});

test("a Windows whose hive is cut: one word for the kind of error, and each sentence once", () => {
  mkdirSync(at("windows/Windows/System32/config"), { recursive: true });
  writeFileSync(at(`windows${SYSTEM}`), systemHive({}).subarray(0, 4096));
  writeFileSync(at(`windows${SOFTWARE}`), softwareHive);
  const key = ["cat", "windows", "--registry", "HKLM\\SYSTEM\\Select"];
  const { code, err } = sixray(key, { cwd: folder });
  expect(code).toBe(3);
  expect(err).toMatch(/^sixray: corrupt: hive of 4096 bytes of bins is cut at 4096 \(/);
  const { out } = sixray(["scan", "--quiet", "windows"], { cwd: folder });
  const [, block = ""] = out.split("\n\n");
  expect(block.replaceAll(/\s+/g, " ").split("is cut at 4096")).toHaveLength(2);
  expect(block).toMatch(/unread {2}windows > \/Windows\/System32\/config\/SYSTEM: see why, above/);
});

test("the sentence on an image that failed as a whole stands in its block once", () => {
  const { out } = sixray(["scan", "--quiet", at("empty.img")]);
  const [, block = ""] = out.split("\n\n");
  expect(block.split("was it downloaded whole?")).toHaveLength(2);
  expect(out).not.toMatch(/^ {2}unread/m);
});

/** Nobody writes into the pipe: whoever waits for it waits for ever. */
test.skipIf(process.platform === "win32")(
  "pipes, sockets and devices are refused, not waited for",
  async () => {
    run("mkfifo", [at("pipe.img"), at("pipe.sixray.tar.gz")]);
    const server = createServer().listen(at("socket"));
    onTestFinished(() => void server.close());
    await once(server, "listening");
    const targets = [at("pipe.img"), at("pipe.sixray.tar.gz"), at("socket"), "/dev/zero"];
    const { code, out } = sixray(["scan", "--quiet", ...targets], { timeout: 20_000 });
    expect(code).toBe(3);
    expect(out).toMatch(/pipe\.img\n {2}why.*is a pipe/);
    expect(out).toMatch(/pipe\.sixray\.tar\.gz\n {2}why.*is a pipe/);
    expect(out).toMatch(/socket\n {2}why.*is a socket/);
    expect(out).toMatch(/zero\n {2}why.*is a device that is no disk/);
    const companion = ["scan", "--quiet", "--with", at("pipe.img"), "--", at("text.img")];
    expect(sixray(companion, { timeout: 20_000 }).out).toMatch(/is a pipe/);
  },
);

const whyNot = missing("qemu-img");

test.skipIf(whyNot)("an image that lost its end is no pass, though all that decides is there", () => {
  const whole = at("whole.raw");
  run("qemu-img", ["convert", "-O", "raw", join(FIXTURES, "images/off-sysctl.qcow2"), whole]);
  expect(sixray(["scan", "--quiet", whole]).code).toBe(0);
  truncateSync(whole, 1 << 30);
  const { code, out } = sixray(["scan", "--quiet", whole]);
  expect(out).toMatch(/cut off: \d+ bytes of file\s+system in a volume of \d+ bytes/);
  expect(code).toBe(3);
});

test("a partition without a known file system: inspect is told of", () => {
  const bytes = Buffer.alloc(4 << 20);
  bytes.fill("neither this nor that\n", 1 << 20);
  bytes.set([0, 0, 0, 0, 0x83, 0, 0, 0, 0, 8, 0, 0, 0, 8, 0, 0], 446);
  bytes.set([0x55, 0xaa], 510);
  writeFileSync(at("partition.img"), bytes);
  const { code, out } = sixray(["scan", "--quiet", "--format", "ndjson", at("partition.img")]);
  expect(code).toBe(3);
  expect(out).toMatch(
    /no file system that sixray knows; \\"sixray inspect\\" shows what else the disk holds \(.*partition\.img > mbr#1\)/,
  );
});

test("LUKS: says that it is encrypted and what is meant", () => {
  const { code, out } = sixray(["scan", "--quiet", join(FIXTURES, "images/luks.qcow2")]);
  expect(code).toBe(3);
  expect(out).toMatch(/LUKS/);
});

test("the other targets are still judged", () => {
  const { code, out } = sixray([
    "scan",
    "--quiet",
    at("text.img"),
    at("missing.qcow2"),
    join(FIXTURES, "images/off-sysctl.qcow2"),
  ]);
  expect(code).toBe(3);
  expect(out).toMatch(/pass/);
  expect(out).toMatch(/unreadable/);
});

test.each([
  [["scan"], /name a target/],
  [["scan", ""], /a target is empty: name an image/],
  [["inspect", " "], /a target is empty/],
  [["scan", "x", "--format", "xml"], /text, json, ndjson/],
  [["scan", "x", "--fail-on", "maybe"], /--fail-on takes flagged, review, unreadable separated/],
  [
    ["watch", "x", "--state", at("state"), "--fail-on", "maybe"],
    /--fail-on takes flagged, review, unreadable, drift separated/,
  ],
  [
    "review sign --image x --by me --result accepted --note n --expires 2020-01-01".split(" "),
    /--expires 2020-01-01 is over/,
  ],
  [["scan", "x", "--jobs", "0"], /--jobs takes/],
  [["frobnicate"], /unknown command/],
  [["explain", "disable-ipv6-interface"], /no image and no rule .*did you mean disable-ipv6-interfaces\?/],
  [["explain", "something-else"], /rules: there are: disable-ipv6-interfaces, /],
])("usage: %j", (args, message) => {
  const { code, err } = sixray(args);
  expect(code).toBe(2);
  expect(err).toMatch(message);
});
