import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Prediction } from "../../src/model/prediction.ts";
import { scan } from "../../src/scan/scan.ts";
import { corpusArchive, missing, run, scratch } from "../support/images.ts";
import { nest } from "../support/machine.ts";
import { memoryFileSystem } from "../support/memory-fs.ts";

// The SYSTEM hives of real machines, with values that hivexregedit writes into them.

const why = missing("hivexregedit", "zstd");
const corpus = corpusArchive();
const FOLDER = "mkorman90__regipy";
const PARAMETERS = "\\ControlSet001\\Services\\Tcpip6\\Parameters";

/**
 * Microsoft's own table (KB 929852), and bits beside it. Where tunnels stay on nothing is told: without a SOFTWARE hive
 * nobody knows of which build this is, and older ones run tunnels by default.
 */
const VALUES: readonly (readonly [value: number | undefined, state: string])[] = [
  [undefined, "on"],
  [0x00, "on"],
  [0x01, "on"],
  [0x02, "on"],
  [0x04, "on"],
  [0x08, "on"],
  [0x0f, "on"],
  [0x10, "unknown"],
  [0x11, "off"],
  [0x20, "on"],
  [0x1e, "off"],
  [0x30, "unknown"],
  [0x40, "on"],
  [0x80, "on"],
  [0xef, "on"],
  [0xff, "off"],
  [0xffffffff, "off"],
];

async function predicted(system: Uint8Array): Promise<Prediction | undefined> {
  const fs = memoryFileSystem(nest({ "/Windows/System32/config/SYSTEM": system }), { type: "ntfs" });
  const image = { provider: "file", id: "win", name: "win", family: "win" };
  const target = { kind: "files", fs, locator: "image > ntfs" } as const;
  const { prediction, verdict } = await scan(image, async () => ({ target, close: async () => undefined }));
  expect(verdict).toBe("review");
  return prediction;
}

describe.skipIf(why || !corpus).each(["SYSTEM_2", "SYSTEM_B"])("%s of a real machine", (name) => {
  const folder = scratch("values");
  if (corpus && !why) run("tar", ["--zstd", "-xf", corpus.archive, "-C", folder, `${FOLDER}/${name}`]);
  const original = join(folder, FOLDER, name);

  /** The hive with `text` merged into it. */
  function merged(text: string): Uint8Array {
    const [hive, reg] = [join(folder, "SYSTEM"), join(folder, "values.reg")];
    copyFileSync(original, hive);
    writeFileSync(reg, `Windows Registry Editor Version 5.00\n\n${text}\n`);
    run("hivexregedit", ["--merge", hive, reg]);
    return readFileSync(hive);
  }

  test("each value of DisabledComponents", async () => {
    for (const [value, state] of VALUES) {
      const digits = value?.toString(16).padStart(8, "0");
      const set = digits === undefined ? "" : `"DisabledComponents"=dword:${digits}`;
      const prediction = await predicted(merged(`[${PARAMETERS}]\n${set}`));
      expect([value, prediction?.state]).toEqual([value, state]);
      const shown = digits === undefined ? "no such value" : `REG_DWORD 0x${digits}`;
      expect(prediction?.deciding[0]?.evidence[0]?.text).toBe(shown);
    }
  }, 120_000);

  test("a value of another type, a disabled driver: not to be told", async () => {
    const text = await predicted(merged(`[${PARAMETERS}]\n"DisabledComponents"=str(1):"255"`));
    expect(text).toMatchObject({ state: "unknown", reason: expect.stringContaining("of type REG_SZ") });
    const driver = await predicted(merged('[\\ControlSet001\\Services\\Tcpip6]\n"Start"=dword:00000004'));
    expect(driver).toMatchObject({ state: "unknown", reason: expect.stringContaining("tcpip.sys") });
  });
});
