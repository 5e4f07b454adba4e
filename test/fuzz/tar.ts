import { type ByteSource, memorySource } from "../../src/disk/bytes/byte-source.ts";
import { readTar, tarFileSystem } from "../../src/disk/filesystems/tar/index.ts";
import { isReadError, unsupported } from "../../src/errors.ts";
import { digestTree } from "../support/digests.ts";
import { type CraftedMember, craftTar, sealTar } from "../support/tar.ts";
import type { FuzzTarget } from "./target.ts";

const TREE: readonly CraftedMember[] = [
  { path: "./", type: "5" },
  { path: "./etc/", type: "5" },
  { path: "./etc/hostname", data: "host\n" },
  { path: "./etc/link", type: "2", linkPath: "../usr/x" },
  { path: "./etc/hard", type: "1", linkPath: "./etc/hostname" },
  { path: "./usr/x", data: "x".repeat(1500) },
  { path: "@PaxHeader", type: "x", data: "27 path=./usr/long/name/x\n\n".slice(0, 27) },
  { path: "./usr/cut", data: "pax" },
  { path: "././@LongLink", type: "L", data: `./usr/${"long/".repeat(30)}file\0` },
  { path: "./usr/long", data: "gnu" },
  { path: "./dev/null", type: "3" },
];
const SPARSE: readonly CraftedMember[] = [
  {
    path: "disk.raw",
    type: "S",
    data: "a".repeat(1024),
    sparse: {
      pieces: [
        [512, 512],
        [8192, 512],
      ],
      realSize: 16_384,
    },
  },
  {
    path: "PaxHeaders/x",
    type: "x",
    data: "22 GNU.sparse.major=1\n22 GNU.sparse.minor=0\n25 GNU.sparse.name=a/b/c\n29 GNU.sparse.realsize=99999\n",
  },
  { path: "GNUSparseFile.0/c", data: `${"2\n512\n512\n4096\n512\n".padEnd(512, "\0")}${"b".repeat(1024)}` },
];

/** Reads a mutant as it is and, so that changes get past them, once more with the headers' checksums put right. */
export const target: FuzzTarget = {
  name: "tar",
  needs: [],
  seeds: () =>
    Promise.resolve(
      [
        { name: "links, PAX and GNU names", members: TREE },
        { name: "sparse files", members: SPARSE },
      ].map(({ name, members }) => {
        const bytes = craftTar(members);
        return { name, bytes, hot: [[0, bytes.length]] as const };
      }),
    ),
  async read(source) {
    const bytes = new Uint8Array(await source.read(0, source.size));
    try {
      await readAll(source);
    } catch (error) {
      if (!isReadError(error)) throw error;
    }
    sealTar(bytes);
    await readAll(memorySource(bytes, source.label));
  },
};

async function readAll(source: ByteSource): Promise<void> {
  const entries = await readTar(source);
  if (entries.length === 0) throw unsupported(source.label, "nothing in it");
  // Sizes of sparse files are claims, however large: nothing may be allocated for them.
  const small = entries.filter(({ size }) => size < 1 << 20);
  await digestTree(tarFileSystem(small, source.label));
  tarFileSystem(entries, source.label);
}
