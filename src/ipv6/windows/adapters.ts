import type { BlindSpot, Step } from "../../model/prediction.ts";
import { type RegistrySnapshot, type RegistryWant, registryPath } from "../../model/registry.ts";
import { KEYS } from "./keys.ts";
import { evidenceOf, keyIn, valueIn } from "./read.ts";

const LAYER = "windows-bindings";
/** Class of network adapters. Source: devguid.h, GUID_DEVCLASS_NET. */
const NETWORK = "CurrentControlSet\\Control\\Network\\{4D36E972-E325-11CE-BFC1-08002BE10318}";
const ADAPTERS_MAX = 64;
const GUID = /\{[0-9a-f-]{36}\}$/i;

interface Binding {
  readonly guid: string;
  /** As Windows shows it (`Ethernet`); empty when it is not known. */
  readonly name: string;
  readonly isBound: boolean;
}

/** What gives the adapters of the machine that the image was made on their names. */
export function adapterKeys(registry: RegistrySnapshot): readonly RegistryWant[] {
  return guidsIn(registry).slice(0, ADAPTERS_MAX).map(connection);
}

/** Every adapter's binding of `ms_tcpip6`. */
export function bindingSteps(registry: RegistrySnapshot): readonly Step[] {
  const all = bindingsIn(registry);
  if (all.length === 0) return [];
  const told = all.map(({ guid, name, isBound }) => {
    return `${name === "" ? guid : name} ${isBound ? "bound" : "not bound"}`;
  });
  const evidence = [
    evidenceOf(valueIn(registry, KEYS.bindings, "Bind")),
    evidenceOf(valueIn(registry, KEYS.bindings4, "Bind")),
  ];
  const text = `IPv6 (ms_tcpip6) on the adapters of the machine that the image was made on: ${told.join(", ")}`;
  return [{ layer: LAYER, text, evidence }];
}

/** Bindings belong to the network cards of the machine the image was made on; a new card gets the default, bound. */
export function bindingSpots(registry: RegistrySnapshot): readonly BlindSpot[] {
  const all = bindingsIn(registry);
  const unbound = all.filter(({ isBound }) => !isBound);
  if (unbound.length === 0) return [];
  const text = `IPv6 (ms_tcpip6) is unbound from ${unbound.length} of ${all.length} adapters of the machine that the image was made on; an instance's new adapter is bound by default`;
  const evidence = [evidenceOf(valueIn(registry, KEYS.bindings, "Bind"))];
  return [{ layer: LAYER, text, evidence, decisive: false }];
}

/**
 * Settings of single interfaces that netsh and Set-NetIPInterface keep: router discovery is among them. Their form is
 * documented nowhere and its length changes between versions of Windows, so they are counted and not decoded. Addresses
 * stand in the names of their values (16 digits of the interface, 32 of the address): so do the drivers of XenServer.
 */
export function interfaceSpots(registry: RegistrySnapshot): readonly BlindSpot[] {
  const spots: BlindSpot[] = [];
  const settings = keyIn(registry, KEYS.interfaces);
  if (settings.state === "found" && settings.value.values.length > 0) {
    const { length } = settings.value.values;
    const text = `${length} ${length === 1 ? "interface has" : "interfaces have"} IPv6 settings of ${length === 1 ? "its" : "their"} own (router discovery among them) in a form that is not documented: not decoded; ask Get-NetIPInterface on an instance`;
    spots.push({ layer: LAYER, text, evidence: [{ locator: settings.locator }], decisive: false });
  }
  const addresses = keyIn(registry, KEYS.addresses);
  const named =
    addresses.state === "found" ? addresses.value.values.flatMap(({ name }) => addressIn(name)) : [];
  if (named.length > 0) {
    const text = `IPv6 addresses are set for adapters of the machine that the image was made on: ${named.join(", ")}`;
    spots.push({ layer: LAYER, text, evidence: [{ locator: addresses.locator }], decisive: false });
  }
  return spots;
}

/** Adapters that either protocol is bound to, in the order of IPv4's list. */
function bindingsIn(registry: RegistrySnapshot): readonly Binding[] {
  const six = guidsOf(registry, "bindings");
  const four = guidsOf(registry, "bindings4");
  if (!six || !four) return [];
  const bound = new Set(six);
  return [...new Set([...four, ...six])].map((guid) => ({
    guid,
    name: nameOf(registry, guid),
    isBound: bound.has(guid),
  }));
}

function guidsIn(registry: RegistrySnapshot): readonly string[] {
  return [...new Set([...(guidsOf(registry, "bindings4") ?? []), ...(guidsOf(registry, "bindings") ?? [])])];
}

/** Undefined when there is no such list; `{…}` in capitals. */
function guidsOf(registry: RegistrySnapshot, list: "bindings" | "bindings4"): readonly string[] | undefined {
  const seen = valueIn(registry, KEYS[list], "Bind");
  if (seen.state !== "found" || seen.value.data.kind !== "list") return undefined;
  return seen.value.data.value.map((one) => (GUID.exec(one)?.[0] ?? one).toUpperCase());
}

function connection(guid: string): RegistryWant {
  return { hive: "SYSTEM", key: `${NETWORK}\\${guid}\\Connection`, values: ["Name"] };
}

function nameOf(registry: RegistrySnapshot, guid: string): string {
  const want = connection(guid);
  const seen = registry.has(registryPath(want)) ? valueIn(registry, want, "Name") : undefined;
  return seen?.state === "found" && seen.value.data.kind === "text" ? seen.value.data.value : "";
}

function addressIn(name: string): readonly string[] {
  const [, digits] = /^[0-9a-f]{16}([0-9a-f]{32})$/i.exec(name) ?? [];
  if (digits === undefined) return [];
  const groups = digits.match(/.{4}/g)?.map((one) => Number.parseInt(one, 16).toString(16)) ?? [];
  return [new URL(`http://[${groups.join(":")}]/`).hostname.slice(1, -1)];
}
