import { describe, expect, test } from "vitest";
import { type CraftedMember, craftMember } from "../../../../test/support/md.ts";
import { mutant, random } from "../../../../test/support/mutate.ts";
import { pattern } from "../../../../test/support/sources.ts";
import { isReadError } from "../../../errors.ts";
import { memorySource } from "../../bytes/byte-source.ts";
import { type MdMember, openMember } from "./member.ts";

const DATA = pattern(256 << 10);
const VERSIONS = ["0.90", "1.0", "1.1", "1.2"] as const;

async function open(member: CraftedMember): Promise<MdMember | undefined> {
  const source = memorySource(craftMember(DATA, member), "x");
  return (await openMember(source, "front")) ?? openMember(source, "tail");
}

describe.each(VERSIONS)("metadata %s", (version) => {
  test("a RAID 1 member holds the array", async () => {
    const member = await open({ version });
    expect(Buffer.compare((await member?.data.read(0, DATA.length)) ?? DATA.subarray(1), DATA)).toBe(0);
    expect(member?.data.size).toBe(DATA.length);
    expect(member?.note).toBe(
      `member of a Linux software RAID (RAID 1, metadata ${version}): only this member was read`,
    );
    expect(member?.devices).toContain(version === "0.90" ? "/dev/md3" : "/dev/md7");
  });

  test.each([
    [0, /RAID 0/],
    [5, /RAID 5/],
    [10, /RAID 10/],
    [-1, /linear/],
  ])("level %d is refused by name", async (level, message) => {
    if (version === "0.90" && level < 0) return;
    await expect(open({ version, level })).rejects.toMatchObject({
      code: "unsupported",
      message: expect.stringMatching(message),
    });
  });

  test("a wrong checksum is corrupt", async () => {
    const bytes = craftMember(DATA, { version });
    const at = { "1.1": 0, "1.2": 4096, "1.0": bytes.length - 8192, "0.90": bytes.length - 65_536 }[version];
    bytes[at + 44] = 99;
    await expect(
      openMember(memorySource(bytes, "x"), version === "1.1" || version === "1.2" ? "front" : "tail"),
    ).rejects.toMatchObject({ code: "corrupt" });
  });
});

test.each<[string, CraftedMember, RegExp]>([
  ["faulty", { version: "1.2", role: 0xfffe }, /faulty/],
  ["spare", { version: "1.2", role: 0xffff }, /spare/],
  ["rebuilding", { version: "1.2", features: 2 }, /rebuilt/],
  ["reshaping", { version: "1.2", features: 4 }, /reshaped/],
  ["in part bad", { version: "1.2", features: 8 }, /blocks that are marked bad/],
  ["faulty", { version: "0.90", state: 1 }, /faulty/],
  ["spare", { version: "0.90", state: 0 }, /spare/],
])("a member that is %s is refused", async (_, member, message) => {
  await expect(open(member)).rejects.toMatchObject({
    code: "unsupported",
    message: expect.stringMatching(message),
  });
});

test("mutants are read or refused", async () => {
  const next = random(8);
  let read = 0;
  for (const version of VERSIONS) {
    const bytes = craftMember(DATA.subarray(0, 4096), { version });
    const start = version === "1.1" || version === "1.2" ? 0 : bytes.length - (64 << 10);
    for (let i = 0; i < 500; i++) {
      const source = memorySource(mutant(bytes, next, [[start, start + (68 << 10)]]), "x");
      try {
        if ((await openMember(source, "front")) ?? (await openMember(source, "tail"))) read++;
      } catch (error) {
        if (!isReadError(error)) throw error;
      }
    }
  }
  console.log(`md: 2000 mutants, ${read} read`);
});
