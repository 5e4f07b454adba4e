import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { missing, run, scratch, unmount } from "../support/images.ts";
import { sixrayHere } from "../support/in-process.ts";

// Names of files are bytes to Linux, and a program that looks for *.conf takes any.

const MANY = 300;
const SETTINGS = "net.ipv6.conf.all.disable_ipv6=1\n";

/** A folder whose names are Latin-1, with so many of them that every format makes an index. */
function tree(): string {
  const folder = join(scratch("odd-names"), "tree");
  const at = (path: string): Buffer => Buffer.from(`${folder}/${path}`, "latin1");
  mkdirSync(at("etc/sysctl.d"), { recursive: true });
  writeFileSync(at("etc/sysctl.d/caf\xe9\xff.conf"), SETTINGS);
  mkdirSync(at("etc/many"));
  for (let n = 0; n < MANY; n++) writeFileSync(at(`etc/many/${n}\xfe`), `${n}`);
  symlinkSync(Buffer.from("many/77\xfe", "latin1"), at("etc/link\xfd"));
  return folder;
}

type Make = (folder: string, image: string) => void;

const byMount =
  (...mkfs: readonly [program: string, ...args: string[]]): Make =>
  (folder, image) => {
    const [program, ...args] = mkfs;
    run("truncate", ["-s", "320M", image]);
    run(program, [...args, image]);
    const mounted = scratch("odd-names-mount");
    run("mount", ["-o", "loop", image, mounted]);
    try {
      run("cp", ["-a", `${folder}/.`, mounted]);
    } finally {
      unmount(mounted);
    }
  };

const FORMATS: readonly (readonly [name: string, needs: readonly string[], make: Make])[] = [
  ["tar", ["tar"], (folder, image) => run("tar", ["-C", folder, "-cf", image, "."])],
  ["ext4", ["mkfs.ext4", "mount", "root"], byMount("mkfs.ext4", "-q", "-b", "1024")],
  ["XFS", ["mkfs.xfs", "mount", "root"], byMount("mkfs.xfs", "-q")],
  [
    "Btrfs",
    ["mkfs.btrfs"],
    (folder, image) => {
      run("truncate", ["-s", "128M", image]);
      run("mkfs.btrfs", ["-q", "-r", folder, image]);
    },
  ],
  [
    "squashfs",
    ["mksquashfs"],
    (folder, image) => run("mksquashfs", [folder, image, "-quiet", "-no-progress"]),
  ],
  ["EROFS", ["mkfs.erofs"], (folder, image) => run("mkfs.erofs", [image, folder])],
];

describe.each(FORMATS)("in a %s", (name, needs, make) => {
  test.skipIf(missing(...needs))("names that are not UTF-8 are found, matched and followed", async () => {
    const image = join(scratch("odd-names"), name === "tar" ? "image.tar" : "image");
    make(tree(), image);
    const out = async (...args: readonly string[]): Promise<string> => (await sixrayHere(args)).out;
    expect(await out("ls", image, "/etc/sysctl.d")).toMatch(/ \/etc\/sysctl\.d\/caf\\xe9\\xff\.conf\n$/);
    expect(await out("cat", image, "/etc/sysctl.d/caf\\xe9\\xff.conf")).toBe(SETTINGS);
    expect(await out("cat", image, "/etc/link\\xfd")).toBe("77");
    expect(await out("cat", image, `/etc/many/${MANY - 1}\\xfe`)).toBe(`${MANY - 1}`);
    const report = await out("explain", image);
    expect(report).toContain("caf\\xe9\\xff.conf:1");
  });
});
