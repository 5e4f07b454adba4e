import { describe, expect, test } from "vitest";
import { target } from "../../../../test/fuzz/lvm2.ts";
import {
  CRAFTED,
  type CraftedVolume,
  craftPhysicalVolume,
  groupText,
  striped,
} from "../../../../test/support/lvm.ts";
import { tryMutants } from "../../../../test/support/mutate.ts";
import { memorySource } from "../../bytes/byte-source.ts";
import { assemble, type FoundVolume, type Groups } from "./assemble.ts";
import { openPhysicalVolume } from "./physical-volume.ts";
import { parseText } from "./text.ts";

const A = "A".repeat(32);
const B = "B".repeat(32);
const EXTENT = 4096;

/** Every extent of a physical volume is filled with its own number, plus `base`. */
function numbered(pv: Uint8Array<ArrayBuffer>, base: number): Uint8Array<ArrayBuffer> {
  for (let extent = 0; extent < 48; extent++)
    pv.fill(
      base + extent,
      CRAFTED.extentsOffset + extent * EXTENT,
      CRAFTED.extentsOffset + (extent + 1) * EXTENT,
    );
  return pv;
}

async function groups(...pvs: readonly Uint8Array[]): Promise<Groups> {
  return assemble(
    await Promise.all(pvs.map((bytes, i) => openPhysicalVolume(memorySource(bytes, `pv${i}`), `p${i + 1}`))),
  );
}

async function volumes(
  lvs: Readonly<Record<string, CraftedVolume>>,
): Promise<ReadonlyMap<string, FoundVolume>> {
  const text = groupText([A, B], lvs);
  const found = await groups(
    numbered(craftPhysicalVolume(A, text), 0),
    numbered(craftPhysicalVolume(B, text), 100),
  );
  return new Map(found.volumes.map((one) => [one.name.replace(/.*\//, ""), one]));
}

/** The number in every `step`th byte. */
async function bytesOf(found: FoundVolume | undefined, step: number): Promise<readonly number[]> {
  if (found?.content.kind !== "data") throw new Error("not read");
  const { data } = found.content;
  return [...(await data.read(0, data.size))].filter((_, at) => at % step === 0);
}

function lineOf(found: FoundVolume | undefined): string {
  return found?.content.kind === "unread" ? found.content.error.line : `${found?.content.kind}`;
}

describe("volumes are put together", () => {
  test("from segments on two physical volumes, in any order of the text", async () => {
    const found = await volumes({
      multi: { segments: [striped(2, 1, '"pv1", 0'), striped(0, 2, '"pv0", 5'), striped(3, 1, '"pv0", 0')] },
    });
    expect(await bytesOf(found.get("multi"), EXTENT)).toEqual([5, 6, 100, 0]);
    expect(found.get("multi")).toMatchObject({
      name: "p1/lvm:vg/multi",
      aliases: ["p1/lvm:vg/multi", "p2/lvm:vg/multi"],
      label: "pv0 > lvm:vg/multi",
      sizeBytes: 4 * EXTENT,
    });
  });

  test("from stripes", async () => {
    const found = await volumes({ lv: { segments: [striped(0, 4, '"pv0", 1', '"pv1", 7')] } });
    const per1k = [1, 107, 1, 107, 1, 107, 1, 107, 2, 108, 2, 108, 2, 108, 2, 108];
    expect(await bytesOf(found.get("lv"), 1024)).toEqual(per1k);
    const { content } = found.get("lv") ?? {};
    if (content?.kind !== "data") throw new Error("not read");
    expect([...(await content.data.read(1000, 50))]).toEqual(
      Array.from({ length: 50 }, (_, i) => (i < 24 ? 1 : 107)),
    );
  });

  test("from zeros, other volumes, and one leg of a mirror", async () => {
    const found = await volumes({
      lv: {
        segments: [
          'start_extent = 0\nextent_count = 1\ntype = "zero"',
          striped(1, 1, '"inner", 1'),
          'start_extent = 2\nextent_count = 1\ntype = "mirror"\nmirrors = ["gone", 0, "inner", 0]',
        ],
      },
      inner: { hidden: true, segments: [striped(0, 2, '"pv1", 3')] },
      gone: { hidden: true, segments: [striped(0, 1, '"pv9", 3')] },
    });
    expect([...found.keys()]).toEqual(["lv"]);
    expect(await bytesOf(found.get("lv"), EXTENT)).toEqual([0, 104, 103]);
    expect(found.get("lv")?.notes).toEqual(["mirror: only leg 1 of 2 was read", "its log was not read"]);
  });

  test("with the device names that Linux gives them", async () => {
    const text = groupText([A], { "root-fs": { segments: [striped(0, 1, '"pv0", 0')] } }, { name: "my-vg" });
    const [found] = (await groups(craftPhysicalVolume(A, text))).volumes;
    expect(found?.devices.slice(0, 3)).toEqual([
      "/dev/mapper/my--vg-root--fs",
      "/dev/my-vg/root-fs",
      "/dev/disk/by-id/dm-name-my--vg-root--fs",
    ]);
  });
});

describe("metadata", () => {
  const old = groupText([A, B], { lv: { segments: [striped(0, 1, '"pv0", 0')] } }, { seqno: 3 });
  const young = groupText([A, B], { lv: { segments: [striped(0, 1, '"pv0", 9')] } }, { seqno: 4 });

  test.each([
    ["old first", old, young],
    ["young first", young, old],
  ])("of several copies the newest counts, %s", async (_, a, b) => {
    const found = await groups(numbered(craftPhysicalVolume(A, a), 0), craftPhysicalVolume(B, b));
    expect(await bytesOf(found.volumes[0], EXTENT)).toEqual([9]);
    expect(found.volumes[0]?.notes).toEqual([expect.stringMatching(/is old \(3, elsewhere 4\)/)]);
  });

  test("wraps around in its ring", async () => {
    const pv = craftPhysicalVolume(A, young, { textAt: CRAFTED.areaSize - 100 });
    expect(await bytesOf((await groups(numbered(pv, 0))).volumes[0], EXTENT)).toEqual([9]);
  });

  test("a damaged copy is told and another one used", async () => {
    const broken = craftPhysicalVolume(B, young);
    broken[CRAFTED.areaOffset + 1100] = 0;
    const found = await groups(numbered(craftPhysicalVolume(A, young), 0), broken);
    expect(await bytesOf(found.volumes[0], EXTENT)).toEqual([9]);
    expect(found.volumes[0]?.notes).toEqual([
      expect.stringMatching(/p2: .*checksum of the metadata text is wrong/),
    ]);
  });

  test("without any good copy the physical volume is unread, not empty", async () => {
    const bytes = craftPhysicalVolume(A, young);
    bytes[CRAFTED.areaOffset + 1100] = 0;
    const pv = await openPhysicalVolume(memorySource(bytes, "x"), "p1");
    const found = await assemble([pv]);
    expect(found.volumes).toEqual([]);
    expect(found.membershipOf(pv)).toMatchObject({ kind: "unread", error: { code: "corrupt" } });
  });
});

describe("what is not read is refused by name", () => {
  test.each([
    ["thin", /thin volume/],
    ["raid5_ls", /RAID 5/],
    ["raid6_zr", /RAID 6/],
    ["raid4", /RAID 4/],
    ["raid10_near", /RAID 10/],
    ["cache+CACHE_USES_CACHEVOL", /cached volume/],
    ["writecache", /write cache/],
    ["vdo", /VDO/],
    ["marvel", /volume of type "marvel"/],
  ])("%s", async (type, message) => {
    const segment = `start_extent = 0\nextent_count = 1\ntype = "${type}"`;
    const found = await volumes({
      lv: { segments: [segment] },
      ok: { segments: [striped(0, 1, '"pv0", 0')] },
    });
    expect(lineOf(found.get("lv"))).toMatch(/^unsupported: LVM /);
    expect(lineOf(found.get("lv"))).toMatch(message);
    expect(lineOf(found.get("lv"))).toMatch(/pv0 > lvm:vg\/lv/);
    expect(await bytesOf(found.get("ok"), EXTENT)).toEqual([0]);
  });

  test("a snapshot, whose own extents hold only what changed; its origin is read", async () => {
    const found = await volumes({
      origin: { segments: [striped(0, 1, '"pv0", 4')] },
      snap: { segments: [striped(0, 1, '"pv0", 5')] },
      snapshot0: {
        hidden: true,
        segments: [
          'start_extent = 0\nextent_count = 1\ntype = "snapshot"\norigin = "origin"\ncow_store = "snap"',
        ],
      },
    });
    expect(lineOf(found.get("snap"))).toMatch(/unsupported: LVM snapshot of "origin"/);
    expect(await bytesOf(found.get("origin"), EXTENT)).toEqual([4]);
  });

  test("an origin that a snapshot is merged into", async () => {
    const merging =
      'start_extent = 0\nextent_count = 1\ntype = "snapshot"\norigin = "origin"\nmerging_store = "snap"';
    const found = await volumes({
      origin: { segments: [striped(0, 1, '"pv0", 4')] },
      snap: { hidden: true, segments: [striped(0, 1, '"pv0", 5')] },
      snapshot0: { hidden: true, segments: [merging] },
    });
    expect(lineOf(found.get("origin"))).toMatch(/going back to its snapshot "snap"/);
  });

  test("volumes on a physical volume that is not here; the others are read", async () => {
    const text = groupText([A, B], {
      here: { segments: [striped(0, 1, '"pv0", 4')] },
      there: { segments: [striped(0, 1, '"pv0", 5'), striped(1, 1, '"pv1", 5')] },
    });
    const [here, there] = (await groups(numbered(craftPhysicalVolume(A, text), 0))).volumes;
    expect(await bytesOf(here, EXTENT)).toEqual([4]);
    expect(lineOf(there)).toMatch(
      /needs physical volume pv1 \(B+, last seen as "\/dev\/sdb1"\), which is not in/,
    );
  });

  test("one physical volume in two places, of which LVM2 makes nothing active", async () => {
    const text = groupText([A], { lv: { segments: [striped(0, 1, '"pv0", 4')] } });
    const copies = [0, 100].map((base) => numbered(craftPhysicalVolume(A, text), base));
    const [lv, ...more] = (await groups(...copies)).volumes;
    expect(lineOf(lv)).toMatch(/one LVM physical volume \(A+\) lies in p1 and p2: which one counts/);
    expect(more).toEqual([]);
  });

  test("a group that was exported is told", async () => {
    const text = groupText([A], { lv: { segments: [striped(0, 1, '"pv0", 4')] } });
    const exported = text.replace('"RESIZEABLE"', '"RESIZEABLE", "EXPORTED"');
    const [lv] = (await groups(numbered(craftPhysicalVolume(A, exported), 0))).volumes;
    expect(lv?.notes).toEqual([expect.stringMatching(/group is exported: no machine has it active/)]);
  });

  test("pools are listed as such", async () => {
    const found = await volumes({
      pool: { segments: ['start_extent = 0\nextent_count = 1\ntype = "thin-pool"'] },
    });
    expect(found.get("pool")?.content).toEqual({ kind: "pool", type: "thin-pool" });
  });
});

describe("hostile metadata", () => {
  test.each([
    ["volumes inside each other", { a: '"b", 0', b: '"a", 0' }, /limit: .*nest too deep/],
    ["extents past the end", { a: '"pv0", 48' }, /corrupt: .*past the 48 extents/],
    ["huge extents", { a: '"pv0", 9007199254740991' }, /corrupt/],
    ["no such volume", { a: '"/dev/sda", 0' }, /corrupt: .*no volume "\/dev\/sda"/],
  ] as const)("%s", async (_, lvs, message) => {
    const found = await volumes(
      Object.fromEntries(
        Object.entries(lvs).map(([name, area]) => [name, { segments: [striped(0, 1, area)] }]),
      ),
    );
    expect(lineOf(found.get("a"))).toMatch(message);
  });

  test("a nest of volumes that multiplies ends at a limit", async () => {
    const layer = (name: string): CraftedVolume => ({
      segments: [striped(0, 500, ...Array.from({ length: 500 }, () => `"${name}", 0`))],
    });
    const found = await volumes({ a: layer("b"), b: layer("c"), c: layer("d"), d: layer("pv0") });
    expect(lineOf(found.get("a"))).toMatch(/limit: /);
  });

  test.each([
    ["vg {", /its end/],
    ["vg { a = [1, 2 }", /"}"/],
    ["vg = 5 }", /"}"/],
    ['vg { a = "', /without an end/],
    ["vg { a = b }", /"b"/],
    ["a {".repeat(40), /nests deeper/],
    [`a = ${"[".repeat(40)}`, /nests deeper/],
    ["a = [1 2]", /"2"/],
  ])("text %j is refused", (text, message) => {
    expect(() => parseText(text, "x")).toThrow(message);
  });

  test.each(["..", "-x", "a/b", "a b", "x".repeat(128), "\u001b[31m"])(
    "the name %j is refused",
    async (name) => {
      const text = groupText([A], { [JSON.stringify(name)]: { segments: [striped(0, 1, '"pv0", 0')] } });
      const pv = await openPhysicalVolume(memorySource(craftPhysicalVolume(A, text), "x"), "p1");
      expect(pv.copies).toEqual([]);
      expect(pv.errors[0]?.message).toMatch(/is no name/);
    },
  );

  test("mutants are read or refused", async () => {
    for (const { name, bytes, hot } of await target.seeds()) {
      const count = await tryMutants(bytes, (source) => target.read(source), {
        count: 400,
        ...(hot ? { hot } : {}),
      });
      console.log(
        `lvm2, ${name}: ${count.mutants} mutants, ${count.accepted} read, ${count.refused} refused`,
      );
      expect(count.accepted).toBeGreaterThan(0);
    }
  });
});

test("text is parsed as LVM2 writes it", () => {
  const text = parseText(
    'vg {\n# a comment\nid = "a\\"b\\\\c"\nn = -5\nlist = ["x", 1, ]\nempty = []\n\tf = 1.5 # more\ninner { k = 1 }\n}\nversion = 1',
    "x",
  );
  const vg = text.section("vg");
  expect(Object.fromEntries(vg.values)).toEqual({ id: 'a"b\\c', n: -5, list: ["x", 1], empty: [], f: 1.5 });
  expect(vg.section("inner").count("k")).toBe(1);
  expect(text.count("version")).toBe(1);
});
