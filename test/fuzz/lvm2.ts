import { type ByteSource, memorySource } from "../../src/disk/bytes/byte-source.ts";
import { openDisk } from "../../src/disk/disk.ts";
import { isReadError, unsupported } from "../../src/errors.ts";
import { CRAFTED, craftPhysicalVolume, groupText, seal, striped } from "../support/lvm.ts";
import type { FuzzTarget } from "./target.ts";

const PV = "P".repeat(32);

const LINEAR = groupText([PV], {
  root: { segments: [striped(0, 2, '"pv0", 3'), striped(2, 4, '"pv0", 9')] },
  stripes: { segments: [striped(0, 4, '"pv0", 20', '"pv0", 30')] },
});
const KINDS = groupText([PV], {
  mirror: {
    segments: ['start_extent = 0\nextent_count = 2\ntype = "mirror"\nmirrors = ["leg0", 0, "leg1", 0]'],
  },
  raid: {
    segments: [
      'start_extent = 0\nextent_count = 2\ntype = "raid1"\nraids = ["meta0", "leg0", "meta1", "leg1"]',
    ],
  },
  leg0: { hidden: true, segments: [striped(0, 2, '"pv0", 0')] },
  leg1: { hidden: true, segments: [striped(0, 2, '"pv0", 2')] },
  meta0: { hidden: true, segments: [striped(0, 1, '"pv0", 4')] },
  meta1: { hidden: true, segments: [striped(0, 1, '"pv0", 5')] },
  snap: { segments: [striped(0, 1, '"pv0", 6')] },
  snapshot0: {
    hidden: true,
    segments: ['start_extent = 0\nextent_count = 1\ntype = "snapshot"\norigin = "raid"\ncow_store = "snap"'],
  },
  thin: { segments: ['start_extent = 0\nextent_count = 1\ntype = "thin"'] },
});

/** Reads a mutant as it is and, so that changes get past the checksums, once more with these put right. */
export const target: FuzzTarget = {
  name: "lvm2",
  needs: [],
  seeds: () =>
    Promise.resolve(
      [
        { name: "linear and striped", text: LINEAR },
        { name: "mirrors and snapshots", text: KINDS },
      ].map(({ name, text }) => ({
        name,
        bytes: craftPhysicalVolume(PV, text),
        hot: [
          [512, 800],
          [CRAFTED.areaOffset, CRAFTED.areaOffset + 80],
          [CRAFTED.areaOffset + 1024, CRAFTED.areaOffset + 1024 + text.length],
        ],
      })),
    ),
  async read(source) {
    const bytes = new Uint8Array(await source.read(0, source.size));
    const refused = await readAll(source).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (refused !== undefined && !isReadError(refused)) throw refused;
    seal(bytes);
    await readAll(memorySource(bytes, source.label));
  },
};

async function readAll(source: ByteSource): Promise<void> {
  const { volumes } = await openDisk(source);
  for (const { name, data, content } of volumes) {
    if (!name.includes("lvm:") || content.kind === "nothing") continue;
    await data.read(0, Math.min(data.size, 1 << 20)).catch((error: unknown) => {
      if (!isReadError(error)) throw error;
    });
  }
  if (volumes.every(({ content }) => content.kind === "unread"))
    throw unsupported(source.label, "nothing was read");
}
