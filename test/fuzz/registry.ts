import type { ByteSource } from "../../src/disk/bytes/byte-source.ts";
import { slice } from "../../src/disk/bytes/slice.ts";
import { isReadError } from "../../src/errors.ts";
import { openHive } from "../../src/guest/registry/hive.ts";
import type { RegistryKey } from "../../src/guest/registry/key.ts";
import { nextLoaders } from "../../src/guest/windows/boot-configuration.ts";
import { bootConfiguration, mbrDevice } from "../support/bcd.ts";
import { buildHive, buildLog } from "../support/hive.ts";
import type { FuzzSeed, FuzzTarget } from "./target.ts";

const KEYS_MAX = 3000;
const LOG_BYTES = 2048;

/** A hive with every kind of subkey list, values of all kinds, and big data. */
export function smallHive(dirty = false): Uint8Array {
  const services = Object.fromEntries(
    Array.from({ length: 40 }, (_, i) => [
      `Service${i}`,
      { values: { Start: i % 5, ImagePath: `svc${i}.exe` } },
    ]),
  );
  const parameters = {
    values: {
      DisabledComponents: 0xff,
      Text: "some text",
      Several: ["one", "two"],
      Big: { type: 3, data: new Uint8Array(40_000).fill(0xaa) },
    },
  };
  return buildHive(
    {
      list: "lf",
      keys: {
        Select: { values: { Current: 1 } },
        ControlSet001: {
          list: "li",
          keys: {
            Services: { list: "ri", keys: { ...services, Tcpip6: { keys: { Parameters: parameters } } } },
          },
        },
      },
    },
    { dirty },
  );
}

/** A hive, and behind it a log of one entry (two pages). */
export function withLog(hive: Uint8Array): Uint8Array {
  const page = Math.floor((hive.length - 4096) / 2 / 512);
  return Buffer.concat([hive, buildLog(hive, [{ sequence: 7, pages: [page, page + 1] }], LOG_BYTES)]);
}

const ENTRY = "{b2721d73-1db4-4c62-bf78-c548a880142d}";
const smallBootConfiguration = bootConfiguration(
  { [ENTRY]: { device: mbrDevice("7a2c91d4", 1 << 20) } },
  { start: ENTRY, once: [ENTRY] },
);

export const target: FuzzTarget = {
  name: "registry",
  needs: [],
  async seeds(): Promise<readonly FuzzSeed[]> {
    return [
      { name: "clean hive", bytes: smallHive() },
      { name: "boot configuration", bytes: buildHive(smallBootConfiguration) },
      { name: "dirty hive, with its log", bytes: withLog(smallHive(true)) },
    ];
  },
  async read(source: ByteSource): Promise<void> {
    const at = Math.max(0, source.size - LOG_BYTES);
    const hive = await openHive(source, async () => [slice(source, at, source.size - at, "log")]);
    let left = KEYS_MAX;
    let failed: Error | undefined;
    const visit = async (key: RegistryKey): Promise<void> => {
      if (left-- <= 0) return;
      try {
        for (const value of await key.values()) await value.data();
        for (const child of await key.subkeys()) await visit(child);
        await key.find("ControlSet001\\Services");
      } catch (error) {
        if (!isReadError(error)) throw error;
        failed ??= error;
      }
    };
    await visit(hive.root);
    await nextLoaders(hive, source.label).catch((error: unknown) => {
      if (!isReadError(error)) throw error;
    });
    if (failed) throw failed;
  },
  readsMax: 200_000,
};
