import type { Evidence } from "../../../model/locator.ts";
import type { ConfigFile } from "../../config-folders.ts";
import { evidenceIn } from "../../lines.ts";
import { child, entry, scalarOf, scalarsOf, type Yaml, type YamlEntry } from "../../yaml.ts";
import { familyOf } from "./addresses.ts";
import { namedBy, refusalOf, refusalOfInterface } from "./validity.ts";

export type Renderer = "networkd" | "NetworkManager";

/** One interface as netplan holds it when all files are merged. */
export interface Definition {
  readonly id: string;
  readonly type: string;
  /** Where it is first named. */
  readonly line: number;
  renderer: Renderer | undefined;
  hasMatch: boolean;
  matchName: string | undefined;
  readonly matchDrivers: string[];
  matchAddress: string | undefined;
  dhcp4: boolean;
  dhcp6: boolean;
  acceptRa: boolean | undefined;
  linkLocal4: boolean;
  linkLocal6: boolean;
  readonly addresses: string[];
  /** `Destination` and `Gateway` of IPv6 routes. */
  readonly routes: (readonly [to: string, via: string])[];
  gateway6: string | undefined;
  activation: string | undefined;
  addressGeneration: string | undefined;
  hasAddressToken: boolean;
  /** `nameservers` of IPv6. */
  hasNameserver6: boolean;
  hasAddressOptions: boolean;
  hasIpv6Mtu: boolean;
  setName: string | undefined;
  /** Group, key, value of NetworkManager's own file format. */
  readonly passthrough: (readonly [string, string, string])[];
  master: { kind: "bond" | "bridge"; id: string } | undefined;
  evidence: Evidence;
}

export interface Merged {
  readonly definitions: readonly Definition[];
  readonly renderer: Renderer;
  /** Netplan says no to the whole configuration and writes nothing. */
  readonly refused?: { readonly reason: string; readonly evidence: Evidence };
}

/** Sections of `network:` that define interfaces. */
const TYPES = [
  "ethernets",
  "bridges",
  "bonds",
  "vlans",
  "wifis",
  "tunnels",
  "vrfs",
  "dummy-devices",
  "virtual-ethernets",
  "modems",
  "nm-devices",
];

class Refused extends Error {
  readonly line: number;
  constructor(message: string, line: number) {
    super(message);
    this.line = line;
  }
}

/** Reads all files over one another: scalars replace, lists grow. Source: netplan, src/parse.c. */
export function mergeFiles(files: readonly (readonly [ConfigFile, Yaml | undefined])[]): Merged {
  const definitions = new Map<string, Definition>();
  let renderer: Renderer = "networkd";
  for (const [file, root] of files) {
    const named: [name: string, line: number][] = [];
    try {
      for (const { key, value, line } of root ? entriesOf(root, 1) : []) {
        if (key !== "network") throw new Refused(`unknown key '${key}'`, line);
        for (const one of entriesOf(value, line)) {
          if (one.key === "version" && scalarOf(one.value) !== "2")
            throw new Refused(`version ${scalarOf(one.value)}`, one.line);
          if (one.key === "renderer") renderer = rendererOf(one.value, one.line);
          if (TYPES.includes(one.key))
            for (const { key: id, value: settings, line: at } of entriesOf(one.value, one.line)) {
              merge(definitions, one.key, id, settings, file, at);
              for (const name of namedBy(one.key, settings)) named.push([name, at]);
            }
          else if (!["version", "renderer", "openvswitch"].includes(one.key))
            throw new Refused(`unknown key '${one.key}'`, one.line);
        }
      }
      for (const [name, line] of named)
        if (!definitions.has(name)) throw new Refused(`interface '${name}' is not defined`, line);
      // A later file cannot make up for it.
      for (const { id, setName, hasMatch, line } of definitions.values())
        if (setName !== undefined && !hasMatch) throw new Refused(`${id}: set-name without match`, line);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const line = file.lines.find(({ number }) => number === error.line);
      return {
        definitions: [],
        renderer,
        refused: { reason: error.message, evidence: evidenceIn(file, line) },
      };
    }
  }
  for (const one of definitions.values()) {
    const reason = impossible(one, one.renderer ?? renderer);
    if (reason !== undefined)
      return { definitions: [], renderer, refused: { reason, evidence: one.evidence } };
  }
  return { definitions: [...definitions.values()], renderer };
}

function entriesOf(value: Yaml, line: number): readonly YamlEntry[] {
  if (value.kind !== "map") throw new Refused("expected mapping", line);
  return value.entries;
}

/** What only shows when all is merged. Source: netplan, src/nm.c. */
function impossible(one: Definition, renderer: Renderer): string | undefined {
  if (renderer === "networkd") {
    if (one.addressGeneration === "stable-privacy") return `${one.id}: networkd has no stable-privacy`;
    return undefined;
  }
  if (one.hasAddressOptions) return `${one.id}: NetworkManager has no options of addresses`;
  if (one.hasIpv6Mtu) return `${one.id}: NetworkManager has no ipv6-mtu`;
  if (one.matchDrivers.length > 0) return `${one.id}: NetworkManager cannot match by driver`;
  if (one.activation === "off") return `${one.id}: NetworkManager has no activation-mode off`;
  return undefined;
}

function rendererOf(value: Yaml, line: number): Renderer {
  const text = scalarOf(value);
  if (text === "networkd" || text === "NetworkManager") return text;
  throw new Refused(`unknown renderer '${text}'`, line);
}

function merge(
  all: Map<string, Definition>,
  type: string,
  id: string,
  settings: Yaml,
  file: ConfigFile,
  line: number,
): void {
  const at = (number: number): Evidence => evidenceIn(file, file.lines[number - 1]);
  const known = all.get(id);
  if (known && known.type !== type) throw new Refused(`changes the type of '${id}'`, line);
  const one = known ?? fresh(id, type, line, at(line));
  all.set(id, one);
  const whole = refusalOfInterface(type, id, settings);
  if (whole !== undefined) throw new Refused(whole, line);
  for (const { key, value, line: keyLine } of entriesOf(settings, line)) {
    const reason = refusalOf(type, key, value);
    if (reason !== undefined) throw new Refused(reason, keyLine);
    apply(one, key, value, keyLine);
    if (key === "link-local") one.evidence = at(keyLine);
    if (key === "interfaces" && (type === "bonds" || type === "bridges"))
      for (const member of scalarsOf(value)) {
        const port = all.get(member);
        if (port) port.master = { kind: type === "bonds" ? "bond" : "bridge", id };
      }
  }
}

function fresh(id: string, type: string, line: number, evidence: Evidence): Definition {
  return {
    id,
    type,
    line,
    renderer: undefined,
    hasMatch: false,
    matchName: undefined,
    matchDrivers: [],
    matchAddress: undefined,
    dhcp4: false,
    dhcp6: false,
    acceptRa: undefined,
    linkLocal4: false,
    linkLocal6: true,
    addresses: [],
    routes: [],
    gateway6: undefined,
    activation: undefined,
    addressGeneration: undefined,
    hasAddressToken: false,
    hasNameserver6: false,
    hasAddressOptions: false,
    hasIpv6Mtu: false,
    setName: undefined,
    passthrough: [],
    master: undefined,
    evidence,
  };
}

function apply(one: Definition, key: string, value: Yaml, line: number): void {
  switch (key) {
    case "renderer":
      one.renderer = rendererOf(value, line);
      break;
    case "dhcp4":
      one.dhcp4 = boolOf(value, line);
      break;
    case "dhcp6":
      one.dhcp6 = boolOf(value, line);
      break;
    case "accept-ra":
      one.acceptRa = boolOf(value, line);
      break;
    case "activation-mode":
      one.activation = activationOf(value, line);
      break;
    case "ipv6-address-generation":
      one.addressGeneration = scalarOf(value);
      break;
    case "ipv6-address-token":
      one.hasAddressToken = true;
      break;
    case "ipv6-mtu":
      one.hasIpv6Mtu = true;
      break;
    case "nameservers":
      one.hasNameserver6 ||= scalarsOf(child(value, "addresses")).some((address) => familyOf(address) === 6);
      break;
    case "set-name":
      one.setName = scalarOf(value);
      break;
    case "networkmanager":
      applyPassthrough(one, value);
      break;
    case "gateway6":
      one.gateway6 = scalarOf(value);
      break;
    case "link-local": {
      if (value.kind !== "list") throw new Refused("expected sequence", line);
      const families = scalarsOf(value);
      const strange = families.find((family) => family !== "ipv4" && family !== "ipv6");
      if (strange !== undefined) throw new Refused(`invalid value for link-local: '${strange}'`, line);
      one.linkLocal4 = families.includes("ipv4");
      one.linkLocal6 = families.includes("ipv6");
      break;
    }
    case "addresses":
      if (value.kind !== "list") throw new Refused("expected sequence", line);
      for (const address of addressesOf(value)) one.addresses.push(address);
      one.hasAddressOptions ||= value.items.some(({ kind }) => kind === "map");
      break;
    case "routes":
      for (const route of value.kind === "list" ? value.items : [])
        one.routes.push([scalarOf(child(route, "to")) ?? "", scalarOf(child(route, "via")) ?? ""]);
      break;
    case "match":
      applyMatch(one, value);
      break;
    default:
  }
}

function activationOf(value: Yaml, line: number): string {
  const mode = scalarOf(value) ?? "";
  if (mode === "manual" || mode === "off") return mode;
  throw new Refused(`invalid value for activation-mode: '${mode}'`, line);
}

/** `group.key: value`, put over what netplan itself writes. Source: netplan-yaml(5), passthrough. */
function applyPassthrough(one: Definition, value: Yaml): void {
  const passthrough = child(value, "passthrough");
  for (const item of passthrough?.kind === "map" ? passthrough.entries : []) {
    const [group = "", key] = item.key.split(/\.(.*)/s);
    if (key !== undefined) one.passthrough.push([group, key, scalarOf(item.value) ?? ""]);
  }
}

function applyMatch(one: Definition, value: Yaml): void {
  one.hasMatch = true;
  one.matchName = scalarOf(entry(value, "name")?.value) ?? one.matchName;
  one.matchAddress = scalarOf(entry(value, "macaddress")?.value) ?? one.matchAddress;
  const drivers = entry(value, "driver");
  if (!drivers) return;
  one.matchDrivers.length = 0;
  for (const driver of scalarsOf(drivers.value)) one.matchDrivers.push(driver);
}

/** Plain, or a map from the address to its options. */
function addressesOf(value: Yaml): readonly string[] {
  if (value.kind !== "list") return [];
  return value.items.flatMap((item) =>
    item.kind === "map" ? item.entries.map(({ key }) => key) : (scalarOf(item) ?? []),
  );
}

/** Source: netplan, src/parse.c, handle_generic_bool. */
function boolOf(value: Yaml, line: number): boolean {
  const text = scalarOf(value)?.toLowerCase() ?? "";
  if (["true", "on", "yes", "y"].includes(text)) return true;
  if (["false", "off", "no", "n"].includes(text)) return false;
  throw new Refused(`invalid boolean value '${text}'`, line);
}
