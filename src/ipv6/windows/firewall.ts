import type { Firewall, Step } from "../../model/prediction.ts";
import { type RegistrySnapshot, type RegistryWant, registryPath } from "../../model/registry.ts";
import { KEYS } from "./keys.ts";
import { evidenceOf, keyIn, numberIn, unreadIn, valueIn } from "./read.ts";

const DISABLED = 4; // a service's Start: SERVICE_DISABLED
const ALLOW = 0; // DefaultInboundAction; blocks when it is not set
const ENABLE = "EnableFirewall";
const INBOUND = "DefaultInboundAction";

interface Place {
  readonly name: string;
  readonly local: RegistryWant;
  /** Group policy outweighs the local setting; the private profile has an old name, too. */
  readonly policies: readonly RegistryWant[];
}

/** Source: Microsoft, MS-FASP 2.2.38 (options and how stores merge), MS-GPFAS 2.2.2 (keys of group policy). */
const PROFILES: readonly Place[] = [
  { name: "public", local: KEYS.firewallPublic, policies: [KEYS.policyPublic] },
  { name: "private", local: KEYS.firewallPrivate, policies: [KEYS.policyPrivate, KEYS.policyStandard] },
  { name: "domain", local: KEYS.firewallDomain, policies: [KEYS.policyDomain] },
];

interface Profile {
  readonly name: string;
  /** What would say so could not be read. */
  readonly isUnread: boolean;
  readonly isOn: boolean | undefined;
  readonly letsIn: boolean;
  readonly byPolicy: boolean;
}

/**
 * Windows Firewall filters both families alike. A new network is public until somebody says otherwise, so the
 * public profile counts; group policy outweighs the local setting.
 */
export function firewallOf(registry: RegistrySnapshot): {
  readonly firewall: Firewall;
  readonly steps: readonly Step[];
} {
  if (!registry.has(registryPath(KEYS.firewallPublic)))
    return { firewall: { kind: "windows-firewall", filtersIpv6: "unknown" }, steps: [] };
  const service = numberIn(registry, KEYS.firewallService, "Start");
  const profiles = PROFILES.map((place) => profileOf(registry, place));
  const told = profiles.map(tell).join(", ");
  const text =
    service === DISABLED
      ? "Windows Firewall's service (MpsSvc) is disabled: nothing filters IPv6"
      : `Windows Firewall's profiles: ${told}`;
  return {
    firewall: { kind: "windows-firewall", filtersIpv6: filters(service, profiles[0]) },
    steps: [
      {
        layer: "windows-firewall",
        text,
        evidence: [
          evidenceOf(valueIn(registry, KEYS.firewallService, "Start")),
          ...PROFILES.flatMap(({ local, policies }) => [
            evidenceOf(valueIn(registry, local, ENABLE)),
            ...[local, ...policies].flatMap((want) =>
              setIn(registry, want, want === local ? [INBOUND] : [ENABLE, INBOUND]),
            ),
          ]),
        ],
      },
    ],
  };
}

function filters(service: number | undefined, profile: Profile | undefined): Firewall["filtersIpv6"] {
  if (service === DISABLED) return false;
  if (service === undefined || profile?.isOn === undefined) return "unknown";
  return profile.isOn && !profile.letsIn;
}

function profileOf(registry: RegistrySnapshot, { name, local, policies }: Place): Profile {
  const byPolicy = (value: string): number | undefined =>
    policies.map((want) => numberIn(registry, want, value)).find((one) => one !== undefined);
  const policy = byPolicy(ENABLE);
  const enable = policy ?? numberIn(registry, local, ENABLE);
  const asked = policy === undefined ? [...policies, local] : policies;
  const isUnread = unreadIn(registry, asked).length > 0;
  return {
    name,
    isUnread,
    isOn: isUnread || enable === undefined ? undefined : enable !== 0,
    letsIn: (byPolicy(INBOUND) ?? numberIn(registry, local, INBOUND)) === ALLOW,
    byPolicy: policy !== undefined,
  };
}

function tell({ name, isUnread, isOn, letsIn, byPolicy }: Profile): string {
  if (isUnread) return `${name} could not be read`;
  const state = isOn === undefined ? "not set" : isOn ? "on" : "off";
  return `${name} ${state}${byPolicy ? " by group policy" : ""}${isOn && letsIn ? " (lets everything in)" : ""}`;
}

/** Evidence of those values that are there. */
function setIn(
  registry: RegistrySnapshot,
  want: RegistryWant,
  names: readonly string[],
): readonly ReturnType<typeof evidenceOf>[] {
  if (keyIn(registry, want).state !== "found") return [];
  return names
    .map((name) => valueIn(registry, want, name))
    .filter(({ state }) => state === "found")
    .map(evidenceOf);
}
