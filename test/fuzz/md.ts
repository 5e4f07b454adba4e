import { type ByteSource, memorySource } from "../../src/disk/bytes/byte-source.ts";
import { openMember } from "../../src/disk/volumes/md/member.ts";
import { isReadError, unsupported } from "../../src/errors.ts";
import { craftMember, sealMember } from "../support/md.ts";
import { readDisk } from "../support/read-disk.ts";
import { pattern } from "../support/sources.ts";
import type { FuzzTarget } from "./target.ts";

const DATA = pattern(64 << 10);

/** Reads a mutant as it is and, so that changes get past the checksum, once more with this put right. */
export const target: FuzzTarget = {
  name: "md",
  needs: [],
  seeds: () =>
    Promise.resolve(
      (["0.90", "1.0", "1.1", "1.2"] as const).map((version) => {
        const bytes = craftMember(DATA, { version });
        const at = { "1.1": 0, "1.2": 4096, "1.0": bytes.length - 8192, "0.90": bytes.length - (64 << 10) }[
          version
        ];
        const hot: [number, number][] =
          version === "0.90"
            ? [
                [at, at + 160],
                [at + 3968, at + 4096],
              ]
            : [[at, at + 264]];
        return { name: version, bytes, hot };
      }),
    ),
  async read(source) {
    const bytes = new Uint8Array(await source.read(0, source.size));
    try {
      await readMember(source);
    } catch (error) {
      if (!isReadError(error)) throw error;
      sealMember(bytes);
      await readMember(memorySource(bytes, source.label));
    }
  },
};

async function readMember(source: ByteSource): Promise<void> {
  const member = (await openMember(source, "front")) ?? (await openMember(source, "tail"));
  if (!member) throw unsupported(source.label, "no member");
  await readDisk(member.data);
}
