import type { ProviderEntry } from "../../../providers/contract.ts";
import type { Tree } from "../../disk/filesystems/tree.ts";
import { ScanError } from "../../errors.ts";
import { decodeData, typeName } from "../../guest/registry/decode.ts";
import type { RegistryKey } from "../../guest/registry/key.ts";
import type { RegistryValue } from "../../guest/registry/value.ts";
import { findKey, HIVES, hiveOf } from "../../guest/windows/hives.ts";
import type { RegistryData } from "../../model/registry.ts";
import { escapeText } from "../../report/escape.ts";
import { treeOf, withView } from "../../scan/view.ts";
import { EXIT } from "../exit.ts";
import { chooseOne } from "../images.ts";
import { providerContext, type SourceOptions } from "../provider-context.ts";
import type { Terminal } from "../terminal.ts";

export interface RegistryOptions extends SourceOptions {
  /** `HKLM\SYSTEM\CurrentControlSet\Services\Tcpip6`. */
  readonly registry: string;
  readonly volume?: string | undefined;
  readonly json?: boolean;
}

/** A key's values, or the one value that the path names. */
export async function catRegistryCommand(
  target: string,
  options: RegistryOptions,
  terminal: Terminal,
  providers: readonly ProviderEntry[],
): Promise<number> {
  return withKey(target, options, terminal, providers, async (key, value) => {
    const values = value ? [value] : await key.values();
    for (const one of values) await terminal.out(await valueLine(one, options.json ?? false));
  });
}

/** A key's subkeys and values. */
export async function lsRegistryCommand(
  target: string,
  options: RegistryOptions,
  terminal: Terminal,
  providers: readonly ProviderEntry[],
): Promise<number> {
  return withKey(target, options, terminal, providers, async (key, value) => {
    const json = options.json ?? false;
    const subkeys = value ? [] : await key.subkeys();
    for (const { name } of subkeys)
      await terminal.out(json ? `${JSON.stringify({ key: name })}\n` : `${escapeText(name)}\\\n`);
    for (const one of value ? [value] : await key.values()) await terminal.out(await valueLine(one, json));
  });
}

async function withKey(
  target: string,
  options: RegistryOptions,
  terminal: Terminal,
  providers: readonly ProviderEntry[],
  use: (key: RegistryKey, value: RegistryValue | undefined) => Promise<void>,
): Promise<number> {
  const { signal } = terminal;
  const { image, open } = await chooseOne(target, providers, providerContext(terminal, options));
  await withView(image, open, { signal }, async (view) => {
    const { tree } = await treeOf(view, options.volume);
    const { key, value, notes } = await locate(tree, options.registry);
    for (const note of notes) terminal.err(`sixray: ${escapeText(note)}\n`);
    await use(key, value);
  });
  return EXIT.pass;
}

interface Place {
  readonly key: RegistryKey;
  readonly value: RegistryValue | undefined;
  readonly notes: readonly string[];
}

async function locate(tree: Tree, asked: string): Promise<Place> {
  const [, hiveName = "", path = ""] = /^(?:HKLM|HKEY_LOCAL_MACHINE)\\([^\\]+)\\?(.*)$/i.exec(asked) ?? [];
  const name = HIVES.find((one) => one === hiveName.toUpperCase());
  if (!name)
    throw new ScanError("usage", `--registry takes HKLM\\${HIVES.join("\\…, HKLM\\")}\\…, not ${asked}`);
  const opened = await hiveOf(tree, name);
  if (opened.state === "absent") {
    const hint = name === "BCD00000000" ? "; it lies in the volume that starts Windows: --volume" : "";
    throw new ScanError("usage", `no hive ${name} here (${opened.locator})${hint}`);
  }
  if (opened.state === "unreadable") throw opened.error;
  const { hive } = opened;
  const key = await findKey(hive, path);
  if (key) return { key, value: undefined, notes: hive.notes };
  const cut = path.lastIndexOf("\\");
  const parent = await findKey(hive, path.slice(0, Math.max(0, cut)));
  const value = await parent?.value(path.slice(cut + 1));
  if (!parent || !value) throw new ScanError("usage", `no such key or value: ${asked}`);
  return { key: parent, value, notes: hive.notes };
}

async function valueLine(value: RegistryValue, json: boolean): Promise<string> {
  const type = typeName(value.type);
  const data = decodeData(value.type, await value.data());
  if (json) return `${JSON.stringify({ value: value.name, type, data: plain(data) })}\n`;
  return `${escapeText(value.name === "" ? "(default)" : value.name)}\t${type}\t${escapeText(shown(data))}\n`;
}

function plain({ kind, value }: RegistryData): unknown {
  return kind === "bytes" ? Buffer.from(value).toString("hex") : value;
}

function shown(data: RegistryData): string {
  switch (data.kind) {
    case "number":
      return `0x${data.value.toString(16)} (${data.value})`;
    case "text":
      return data.value;
    case "list":
      return data.value.join(", ");
    case "bytes":
      return Buffer.from(data.value).toString("hex");
  }
}
