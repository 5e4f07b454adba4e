import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { ProviderContext } from "../../providers/contract.ts";
import { file } from "../../providers/file/index.ts";
import type { Target } from "../../src/disk/target.ts";
import { digestFolder, digestTree } from "../support/digests.ts";
import { missing, run, scratch } from "../support/images.ts";
import { random } from "../support/mutate.ts";

const why = missing("tar", "gzip", "xz", "zstd", "bzip2", "qemu-img", "mkfs.ext4");
const folder = scratch("unpack");
const MIB = 1 << 20;

async function open(path: string, context: ProviderContext = {}): Promise<Target> {
  const image = { provider: "file", id: path, name: "x", family: "x" };
  const opened = await file.open(image, context);
  onTestFinished(opened.close);
  if (opened.target.kind === "evidence") throw new Error("a bundle");
  return opened.target;
}

/** A disk with noise, text and holes, whose size is no multiple of anything. */
function disk(): Uint8Array {
  const next = random(3);
  const bytes = new Uint8Array(9 * MIB + 512 * 3);
  for (let at = 4096; at < MIB; at++) bytes[at] = next() * 256;
  bytes.set(Buffer.from("line of text\n".repeat(90_000)), 3 * MIB + 777);
  bytes[8 * MIB + 5] = 7;
  return bytes;
}

async function holds(target: Target, truth: Uint8Array): Promise<void> {
  if (target.kind !== "disk") throw new Error("not a disk");
  const opened = await openContainer(target);
  expect(opened.size).toBe(truth.length);
  for (let at = 0; at < truth.length; at += MIB) {
    const length = Math.min(MIB, truth.length - at);
    expect(Buffer.compare(await opened.read(at, length), truth.subarray(at, at + length)), `at ${at}`).toBe(
      0,
    );
  }
}

async function openContainer(target: Extract<Target, { kind: "disk" }>): Promise<typeof target.source> {
  const { qcow2 } = await import("../../src/disk/containers/qcow2/qcow2.ts");
  return (await qcow2.probe(target.source)) ? (await qcow2.open(target.source)).disk : target.source;
}

function spools(): readonly string[] {
  return readdirSync(tmpdir()).filter((name) => /^sixray-\w{6}$/.test(name));
}

const TOOLS: readonly (readonly [string, readonly string[]])[] = [
  ["gzip", ["-c"]],
  ["xz", ["-c", "-T2", "--block-size=1MiB"]],
  ["xz", ["-c", "-9e"]],
  ["zstd", ["-c", "-q"]],
  ["zstd", ["-c", "-q", "-19", "--long=27"]],
  ["bzip2", ["-c"]],
];

describe.skipIf(why)("compressed disks", () => {
  const raw = join(folder, "raw.img");
  const qcow = join(folder, "disk.qcow2");
  const truth = disk();
  if (!why) {
    writeFileSync(raw, truth);
    run("qemu-img", ["convert", "-f", "raw", "-O", "qcow2", raw, qcow]);
  }

  test.each(TOOLS)("%s %s, raw and qcow2", async (program, options) => {
    for (const plain of [raw, qcow]) {
      const path = `${plain}.${program}`;
      writeFileSync(path, run(program, [...options, plain]));
      const target = await open(path);
      await holds(target, truth);
      expect(target.notes).toEqual([expect.stringMatching(new RegExp(`unpacked from ${program}`))]);
    }
    expect(spools()).toEqual([]);
  });

  test.each(["gzip", "xz", "zstd", "bzip2"])(
    "several %s streams in one file, and twice over",
    async (program) => {
      const halves = [truth.subarray(0, 5 * MIB), truth.subarray(5 * MIB)];
      const joined = Buffer.concat(halves.map((half) => run(program, ["-c"], { input: half })));
      const path = join(folder, `joined.${program}`);
      writeFileSync(path, joined);
      await holds(await open(path), truth);
      writeFileSync(path, run("gzip", ["-c"], { input: joined }));
      await holds(await open(path), truth);
    },
  );

  test.each(["gzip", "xz", "zstd", "bzip2"])("damaged and cut %s files are corrupt", async (program) => {
    const whole = run(program, ["-c", raw]);
    const path = join(folder, `bad.${program}`);
    writeFileSync(path, whole.subarray(0, whole.length - 20));
    await expect(open(path)).rejects.toMatchObject({ code: "corrupt" });
    const damaged = Buffer.from(whole);
    damaged[Math.floor(whole.length / 2)] = (damaged[Math.floor(whole.length / 2)] ?? 0) ^ 0x40;
    writeFileSync(path, damaged);
    await expect(open(path)).rejects.toMatchObject({ code: "corrupt" });
    expect(spools()).toEqual([]);
  });

  test.each(["gzip", "xz", "zstd", "bzip2"])("what unpacks to too much is refused, %s", async (program) => {
    const path = join(folder, `bomb.${program}`);
    writeFileSync(path, run(program, ["-c"], { input: new Uint8Array(64 * MIB) }));
    await expect(open(path, { spoolMaxBytes: 16 * MIB })).rejects.toMatchObject({
      code: "limit",
      message: expect.stringMatching(/--max-spool/),
    });
    expect(spools()).toEqual([]);
  });

  test("a window that would take gigabytes of memory is refused", async () => {
    const path = join(folder, "window.zst");
    writeFileSync(
      path,
      run("zstd", ["-c", "-q", "--ultra", "-22", "--long=31"], { input: new Uint8Array(200 * MIB) }),
    );
    await expect(open(path)).rejects.toMatchObject({ code: "limit" });
    const dictionary = join(folder, "window.xz");
    writeFileSync(dictionary, run("xz", ["-c", "--lzma2=dict=512MiB"], { input: truth }));
    await expect(open(dictionary)).rejects.toMatchObject({ code: "limit" });
  });

  test("packed over and over ends at a limit", async () => {
    let bytes: Uint8Array = Buffer.from("x".repeat(600));
    for (let i = 0; i < 8; i++) bytes = run("gzip", ["-c"], { input: bytes });
    const path = join(folder, "over.gz");
    writeFileSync(path, bytes);
    await expect(open(path)).rejects.toMatchObject({ code: "limit" });
  });

  test("Ctrl-C ends it and leaves nothing", async () => {
    const stop = new AbortController();
    const context = { signal: stop.signal, onSpool: () => stop.abort() };
    const path = join(folder, "abort.gz");
    writeFileSync(path, run("gzip", ["-1", "-c"], { input: new Uint8Array(200 * MIB) }));
    await expect(open(path, context)).rejects.toMatchObject({ name: "AbortError" });
    expect(spools()).toEqual([]);
  });

  test("the disk that Google Cloud exports: disk.raw in a tar.gz, sparse or not", async () => {
    const path = join(folder, "gce.tar.gz");
    cpSync(raw, join(folder, "disk.raw"));
    for (const options of [["--format=gnu"], ["--format=oldgnu", "-S"], ["--format=posix", "-S"]]) {
      run("tar", [...options, "-czf", path, "-C", folder, "disk.raw"]);
      await holds(await open(path), truth);
    }
    run("tar", ["-cf", join(folder, "plain.tar"), "-C", folder, "./disk.raw"]);
    await holds(await open(join(folder, "plain.tar")), truth);
  });

  test("the only image in an archive; one of several is not guessed", async () => {
    const path = join(folder, "one.tar.xz");
    writeFileSync(join(folder, "README"), "text");
    run("tar", ["-cJf", path, "-C", folder, "README", "disk.qcow2"]);
    await holds(await open(path), truth);
    run("tar", ["-cJf", path, "-C", folder, "disk.qcow2", "raw.img"]);
    await expect(open(path)).rejects.toMatchObject({ message: expect.stringMatching(/2 disk images/) });
    run("tar", ["-cJf", path, "-C", folder, "README"]);
    await expect(open(path)).rejects.toMatchObject({ message: expect.stringMatching(/it holds "README"/) });
  });

  test("an OVA boots the first disk of its descriptor", async () => {
    const ovf = `<?xml version="1.0"?><Envelope xmlns:ovf="x"><References>
      <File ovf:href="second.qcow2" ovf:id="f2" ovf:size="1"/><File ovf:id='f1' ovf:href='disk.qcow2'/></References>
      <DiskSection><Info>x</Info><Disk ovf:diskId="d1" ovf:fileRef="f1"/><Disk ovf:fileRef="f2"/></DiskSection></Envelope>`;
    writeFileSync(join(folder, "machine.ovf"), ovf);
    const path = join(folder, "machine.ova");
    run("tar", ["--format=ustar", "-cf", path, "-C", folder, "machine.ovf", "disk.qcow2"]);
    const target = await open(path);
    await holds(target, truth);
    expect(target.notes).toEqual(['OVA: the disk "second.qcow2" was not looked at']);
    writeFileSync(join(folder, "machine.ovf"), ovf.replaceAll("disk.qcow2", "d%69sk%2eqcow2"));
    run("tar", ["--format=ustar", "-cf", path, "-C", folder, "machine.ovf", "disk.qcow2"]);
    await holds(await open(path), truth);
    writeFileSync(join(folder, "machine.ovf"), ovf.replace("ovf:id='f1'", "ovf:id='f1' ovf:chunkSize='9'"));
    run("tar", ["--format=ustar", "-cf", path, "-C", folder, "machine.ovf", "disk.qcow2"]);
    await expect(open(path)).rejects.toMatchObject({ message: expect.stringMatching(/in several parts/) });
    writeFileSync(join(folder, "machine.ovf"), ovf.replaceAll("disk.qcow2", "../../../etc/passwd"));
    run("tar", ["--format=ustar", "-cf", path, "-C", folder, "machine.ovf", "disk.qcow2"]);
    await expect(open(path)).rejects.toMatchObject({ message: expect.stringMatching(/outside the archive/) });
  });

  test("what an OVF descriptor has in comments is not there", async () => {
    const ovf = `<Envelope><!-- <File href="raw.img" id="f0"/> --><References><File href="disk.qcow2" id="f1"/></References>
      <DiskSection><!-- <Disk fileRef="f0"/> --><Disk fileRef="f1"/></DiskSection><!-- <Disk fileRef="f1"/>`;
    writeFileSync(join(folder, "machine.ovf"), ovf);
    const path = join(folder, "comments.ova");
    run("tar", ["--format=ustar", "-cf", path, "-C", folder, "machine.ovf", "raw.img", "disk.qcow2"]);
    const target = await open(path);
    await holds(target, truth);
    expect(target.notes).toEqual([]);
  });

  test.each(["sha1", "sha256", "sha512"])("an OVA's manifest is held against it: %s", async (algorithm) => {
    const ovf = `<Envelope><References><File href="disk.qcow2" id="f1"/></References>
      <DiskSection><Disk fileRef="f1"/></DiskSection></Envelope>`;
    writeFileSync(join(folder, "machine.ovf"), ovf);
    const digest = (bytes: Uint8Array | string): string => createHash(algorithm).update(bytes).digest("hex");
    const disk = digest(readFileSync(join(folder, "disk.qcow2")));
    const path = join(folder, `manifest-${algorithm}.ova`);
    const make = (ofOvf: string, ofDisk: string): void => {
      const name = algorithm.toUpperCase();
      writeFileSync(
        join(folder, "machine.mf"),
        `${name}(machine.ovf)= ${ofOvf}\r\n${name} (disk.qcow2) = ${ofDisk.toUpperCase()}\n`,
      );
      run("tar", ["--format=ustar", "-cf", path, "-C", folder, "machine.ovf", "machine.mf", "disk.qcow2"]);
    };
    const wrong = disk.replace(/^./, (digit) => (digit === "0" ? "1" : "0"));
    const changed = { code: "corrupt", message: expect.stringMatching(/not what the OVA's manifest says/) };

    make(digest(ovf), disk);
    const declared = `${algorithm} of "disk.qcow2" in the OVA's manifest`;
    expect((await open(path)).notes).toEqual([`${declared}: declared, not verified (--verify-digest does)`]);
    const verified = await open(path, { verifyDigest: true });
    expect(verified.notes).toEqual([`${declared}: verified`]);
    await holds(verified, truth);
    make(digest(ovf), wrong);
    await holds(await open(path), truth);
    await expect(open(path, { verifyDigest: true })).rejects.toMatchObject(changed);
    make(wrong, disk);
    await expect(open(path)).rejects.toMatchObject(changed);
    make(digest(ovf), "12");
    await expect(open(path, { verifyDigest: true })).rejects.toMatchObject(changed);
  });

  test("what is in an archive twice is not guessed", async () => {
    const path = join(folder, "twice.tar");
    const twice = (...names: readonly string[]): void => {
      run("tar", ["--format=ustar", "-cf", path, "-C", folder, ...names]);
      run("tar", ["--format=ustar", "-rf", path, "-C", folder, ...names]);
    };
    cpSync(raw, join(folder, "disk.raw"));
    twice("disk.raw");
    await expect(open(path)).rejects.toMatchObject({
      code: "unsupported",
      message: expect.stringMatching(/holds "disk.raw" 2 times: make it anew/),
    });
    writeFileSync(
      join(folder, "machine.ovf"),
      `<E><File href="disk.qcow2" id="f1"/><Disk fileRef="f1"/></E>`,
    );
    twice("machine.ovf", "disk.qcow2");
    await expect(open(path)).rejects.toMatchObject({ message: expect.stringMatching(/2 OVF descriptors/) });
    run("tar", ["--format=ustar", "-cf", path, "-C", folder, "machine.ovf", "disk.qcow2"]);
    run("tar", ["--format=ustar", "-rf", path, "-C", folder, "disk.qcow2"]);
    await expect(open(path)).rejects.toMatchObject({
      message: expect.stringMatching(/"disk.qcow2" 2 times/),
    });
  });
});

/** A small root file system as a folder. */
function root(name: string): string {
  const tree = join(folder, name);
  rmSync(tree, { recursive: true, force: true });
  mkdirSync(join(tree, "etc/sysctl.d"), { recursive: true });
  mkdirSync(join(tree, "usr/lib"), { recursive: true });
  writeFileSync(join(tree, "etc/os-release"), "ID=debian\n");
  writeFileSync(join(tree, "etc/sysctl.d/a.conf"), "x = 1\n");
  writeFileSync(join(tree, "usr/lib/big"), disk());
  symlinkSync("usr/lib", join(tree, "lib"));
  return tree;
}

describe.skipIf(why)("root file systems", () => {
  test.each([
    ["-cf", ""],
    ["-czf", ".gz"],
    ["-cJf", ".xz"],
    ["-cjf", ".bz2"],
    ["--zstd", ".zst"],
  ])("tar %s", async (option, suffix) => {
    const tree = root(`root${suffix}`);
    const path = join(folder, `root.tar${suffix}`);
    run("tar", [...(option === "--zstd" ? ["--zstd", "-cf"] : [option]), path, "-C", tree, "."]);
    const target = await open(path);
    if (target.kind !== "files") throw new Error("not files");
    expect(await digestTree(target.fs)).toEqual(digestFolder(tree));
  });

  test("below a folder rootfs, as LXD has it", async () => {
    const tree = root("lxd/rootfs");
    writeFileSync(join(folder, "lxd/metadata.yaml"), "architecture: x86_64\n");
    const path = join(folder, "lxd.tar.xz");
    run("tar", ["-cJf", path, "-C", join(folder, "lxd"), "."]);
    const target = await open(path);
    expect(target.kind === "files" && (await digestTree(target.fs))).toEqual(digestFolder(tree));
  });
});

const noUmoci = why ?? missing("umoci", "skopeo");

describe.skipIf(noUmoci)("container images", () => {
  /** An OCI layout of three layers, made and unpacked by umoci: what it unpacks is the truth. */
  function layout(): { readonly path: string; readonly truth: string } {
    const path = join(folder, "oci");
    const bundle = join(folder, "bundle");
    const image = `${path}:latest`;
    rmSync(path, { recursive: true, force: true });
    rmSync(bundle, { recursive: true, force: true });
    run("umoci", ["init", "--layout", path]);
    run("umoci", ["new", "--image", image]);
    run("umoci", ["unpack", "--rootless", "--image", image, bundle]);
    const tree = join(bundle, "rootfs");
    cpSync(root("container"), tree, { recursive: true, verbatimSymlinks: true });
    run("umoci", ["repack", "--image", image, bundle]);
    rmSync(join(tree, "etc/sysctl.d/a.conf"));
    rmSync(join(tree, "lib"));
    mkdirSync(join(tree, "lib"));
    writeFileSync(join(tree, "lib/now-a-folder"), "x");
    run("umoci", ["repack", "--image", image, bundle]);
    rmSync(join(tree, "usr"), { recursive: true });
    mkdirSync(join(tree, "usr"));
    writeFileSync(join(tree, "usr/new"), "x");
    run("umoci", ["repack", "--image", image, bundle]);
    const again = join(folder, "again");
    rmSync(again, { recursive: true, force: true });
    run("umoci", ["unpack", "--rootless", "--image", image, again]);
    return { path, truth: join(again, "rootfs") };
  }

  test("a layout as folder, as archive, and as docker saves it", async () => {
    const { path, truth } = layout();
    const want = digestFolder(truth);
    expect(Object.keys(want)).toContain("/usr/new");
    run("tar", ["-cf", join(folder, "oci.tar"), "-C", path, "."]);
    run("tar", ["-czf", join(folder, "oci.tar.gz"), "-C", path, "."]);
    const docker = join(folder, "docker.tar");
    run("skopeo", ["copy", "--quiet", `oci:${path}:latest`, `docker-archive:${docker}:x:latest`]);
    run("skopeo", [
      "copy",
      "--quiet",
      `oci:${path}:latest`,
      `oci:${join(folder, "zstd")}:latest`,
      "--dest-compress-format",
      "zstd",
    ]);
    for (const one of [
      path,
      join(folder, "oci.tar"),
      join(folder, "oci.tar.gz"),
      docker,
      join(folder, "zstd"),
    ]) {
      const target = await open(one);
      if (target.kind !== "files") throw new Error("not files");
      expect(await digestTree(target.fs), one).toEqual(want);
    }
    expect(spools()).toEqual([]);
  });

  test("a layer that is not what its digest says is corrupt, one that leads out is not followed", async () => {
    const { path } = layout();
    const blobs = join(path, "blobs/sha256");
    const layers = readdirSync(blobs).filter((name) => readFileSync(join(blobs, name))[0] === 0x1f);
    // Which of them the image has is its index's to say: a tool may leave more behind.
    for (const layer of layers) {
      const bytes = readFileSync(join(blobs, layer));
      // A comment in the gzip header: the same content, another digest.
      const comment = [bytes.subarray(0, 3), Buffer.from([0x10]), bytes.subarray(4, 10), Buffer.from("x\0")];
      writeFileSync(join(blobs, layer), Buffer.concat([...comment, bytes.subarray(10)]));
    }
    await expect(open(path)).rejects.toMatchObject({ code: "corrupt" });
    for (const layer of layers) {
      rmSync(join(blobs, layer));
      symlinkSync("/etc/passwd", join(blobs, layer));
    }
    await expect(open(path)).rejects.toMatchObject({ message: expect.stringMatching(/is missing/) });
  });
});
