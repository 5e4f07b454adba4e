import { mkdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { BOOT_MANAGER, gptDevice, mbrDevice } from "../support/bcd.ts";
import { sixray } from "../support/cli.ts";
import { buildHive } from "../support/hive.ts";
import { missing, run, scratch } from "../support/images.ts";
import { makeNtfs, NTFS_NEEDS } from "../support/ntfs.ts";

// Disks with one or two Windows, as Windows' own tools lay them out; the boot configuration is written by hivexregedit.

const why = missing(...NTFS_NEEDS, "sfdisk", "mkfs.vfat", "mcopy", "mmd", "hivexregedit");
const MIB = 1 << 20;
const NTFS_MIB = 16;
const ESP_MIB = 4;
const ENTRY = "{b2721d73-1db4-4c62-bf78-c548a880142d}";
const DISK = "0F0E0D0C-0B0A-4908-8706-050403020100";
const PARTITIONS = ["11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"];
const SIGNATURE = "7a2c91d4";

function system(components: number): Uint8Array {
  const Tcpip6 = {
    values: { Start: 3 },
    keys: { Parameters: { values: { DisabledComponents: components } } },
  };
  const ControlSet001 = { keys: { Services: { keys: { Tcpip6 } } } };
  return buildHive({ keys: { Select: { values: { Current: 1 } }, ControlSet001 } });
}

function windows(components: number, bcd?: Uint8Array): Promise<string> {
  return makeNtfs(NTFS_MIB * MIB, [], (mount) => {
    mkdirSync(join(mount, "Windows/System32/config"), { recursive: true });
    writeFileSync(join(mount, "Windows/System32/config/SYSTEM"), system(components));
    if (!bcd) return;
    mkdirSync(join(mount, "Boot"));
    writeFileSync(join(mount, "Boot/BCD"), bcd);
  });
}

/** A BCD hive, as hivexregedit merges it into an empty one. */
function bootConfiguration(device: Uint8Array): Uint8Array {
  const folder = scratch("bcd");
  const [hive, reg] = [join(folder, "BCD"), join(folder, "bcd.reg")];
  writeFileSync(hive, buildHive({}));
  const element = (object: string, id: string, value: string): string =>
    `[\\Objects\\${object}\\Elements\\${id}]\n"Element"=${value}\n\n`;
  const text = [
    "Windows Registry Editor Version 5.00\n\n[\\Objects]\n\n",
    ...[ENTRY, BOOT_MANAGER].map((id) => `[\\Objects\\${id}]\n\n[\\Objects\\${id}\\Elements]\n\n`),
    `[\\Objects\\${ENTRY}\\Description]\n"Type"=dword:10200003\n\n`,
    element(
      ENTRY,
      "21000001",
      `hex(3):${[...device].map((one) => one.toString(16).padStart(2, "0")).join(",")}`,
    ),
    element(ENTRY, "22000002", 'str(1):"\\\\Windows"'),
    element(BOOT_MANAGER, "23000003", `str(1):"${ENTRY}"`),
  ];
  writeFileSync(reg, text.join(""));
  run("hivexregedit", ["--merge", hive, reg]);
  return readFileSync(hive);
}

function esp(bcd: Uint8Array): Uint8Array {
  const folder = scratch("esp");
  const [image, file] = [join(folder, "esp"), join(folder, "BCD")];
  writeFileSync(image, "");
  truncateSync(image, ESP_MIB * MIB);
  writeFileSync(file, bcd);
  run("mkfs.vfat", [image]);
  run("mmd", ["-i", image, "::EFI", "::EFI/Microsoft", "::EFI/Microsoft/Boot"]);
  run("mcopy", ["-i", image, file, "::EFI/Microsoft/Boot/BCD"]);
  return readFileSync(image);
}

function disk(parts: readonly Uint8Array[], table: string): string {
  const path = join(scratch("two"), "two.raw");
  writeFileSync(path, Buffer.concat([Buffer.alloc(MIB), ...parts, Buffer.alloc(MIB)]));
  run("sfdisk", ["-q", path], { input: table });
  return path;
}

async function gptDisk(bcd: Uint8Array): Promise<string> {
  const [a, b] = [await windows(0xff), await windows(0x20)];
  const size = (NTFS_MIB * MIB) / 512;
  return disk(
    [esp(bcd), readFileSync(a), readFileSync(b)],
    [
      "label: gpt",
      `label-id: ${DISK}`,
      `start=2048,size=${(ESP_MIB * MIB) / 512},type=U`,
      `size=${size},type=EBD0A0A2-B9E5-4433-87C0-68B6B72699C7,uuid=${PARTITIONS[0]}`,
      `size=${size},type=EBD0A0A2-B9E5-4433-87C0-68B6B72699C7,uuid=${PARTITIONS[1]}`,
      "",
    ].join("\n"),
  );
}

async function mbrDisk(bcd: Uint8Array | undefined): Promise<string> {
  const [a, b] = [await windows(0xff, bcd), await windows(0x20)];
  const size = (NTFS_MIB * MIB) / 512;
  return disk(
    [readFileSync(a), readFileSync(b)],
    [
      "label: dos",
      `label-id: 0x${SIGNATURE}`,
      `start=2048,size=${size},type=7,bootable`,
      `size=${size},type=7`,
      "",
    ].join("\n"),
  );
}

function scan(path: string): Readonly<Record<string, unknown>> {
  const { out } = sixray(["scan", "--quiet", "--format", "json", "--fail-on", "never", path]);
  const { results } = JSON.parse(out);
  return results[0];
}

describe.skipIf(why)("two Windows on one disk: off in the first, on in the second", () => {
  const secondAt = MIB + NTFS_MIB * MIB;

  test.each([
    [0, "off"],
    [1, "on"],
  ])("GPT: the partition %d that the BCD of the ESP names is judged", async (i, state) => {
    const path = await gptDisk(bootConfiguration(gptDevice(DISK, PARTITIONS[i] ?? "")));
    const result = scan(path);
    expect(result).toMatchObject({ verdict: "review", prediction: { state } });
    expect(result.notes).toContain(
      `${path} > gpt#1 > vfat > /EFI/Microsoft/Boot/BCD starts the Windows in ${path} > gpt#${i + 2} > ntfs`,
    );
    const store = `HKLM\\BCD00000000\\Objects\\${BOOT_MANAGER}\\Elements\\23000003`;
    expect(sixray(["cat", "--volume", "p1", "--registry", store, path]).out).toContain(ENTRY);
    const key = "HKLM\\SYSTEM\\CurrentControlSet\\Services\\Tcpip6\\Parameters\\DisabledComponents";
    expect(sixray(["cat", "--registry", key, path]).out).toContain(i === 0 ? "0xff" : "0x20");
  });

  test.each([
    [MIB, "off"],
    [secondAt, "on"],
  ])("MBR: the partition at byte %d that the active one's BCD names is judged", async (at, state) => {
    const result = scan(await mbrDisk(bootConfiguration(mbrDevice(SIGNATURE, at))));
    expect(result).toMatchObject({ verdict: "review", prediction: { state } });
  });

  test.each([
    ["no BCD", undefined, "no boot configuration (BCD) was found"],
    ["a BCD of another disk", bootConfigurationOf("00000001"), "names a partition of another disk"],
  ])("%s: for a person, with both named", async (_name, bcd, reason) => {
    const path = await mbrDisk(bcd?.());
    const result = scan(path);
    expect(result).toMatchObject({ verdict: "review", prediction: { state: "unknown" } });
    expect(result.reason).toContain("which of 2 volumes boots (p1, p2)");
    expect(result.reason).toContain(reason);
    const { code, err } = sixray(["cat", "--registry", "HKLM\\SYSTEM\\Select", path]);
    expect(code).toBe(2);
    expect(err).toContain("pick a volume with --volume");
    expect(sixray(["cat", "--volume", "p2", "--registry", "HKLM\\SYSTEM\\Select", path]).code).toBe(0);
  });

  function bootConfigurationOf(signature: string): () => Uint8Array {
    return () => bootConfiguration(mbrDevice(signature, secondAt));
  }
});

describe.skipIf(why)("one Windows on a disk, set off", () => {
  test.each([
    ["itself", mbrDevice(SIGNATURE, MIB), "off"],
    ["another disk", mbrDevice("00000001", MIB), "unknown"],
  ])("its BCD starts %s", async (_name, device, state) => {
    const size = (NTFS_MIB * MIB) / 512;
    const table = `label: dos\nlabel-id: 0x${SIGNATURE}\nstart=2048,size=${size},type=7,bootable\n`;
    const path = disk([readFileSync(await windows(0xff, bootConfiguration(device)))], table);
    const result = scan(path);
    expect(result).toMatchObject({ verdict: "review", prediction: { state } });
    if (state === "unknown")
      expect(result.reason).toContain("whether the Windows in p1 boots: the boot entry");
  });
});
