import type { Firewall, Step } from "../../model/prediction.ts";
import { type RegistrySnapshot, registryPath } from "../../model/registry.ts";
import { evidenceOf, numberIn, valueIn } from "./read.ts";
import { KEYS } from "./wants.ts";

const DISABLED = 4; // a service's Start: SERVICE_DISABLED
const PROFILES = [
  ["public", KEYS.firewallPublic],
  ["private", KEYS.firewallPrivate],
  ["domain", KEYS.firewallDomain],
] as const;

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
  const policy = numberIn(registry, KEYS.policyPublic, "EnableFirewall");
  const states = PROFILES.map(([name, want]) => ({ name, on: numberIn(registry, want, "EnableFirewall") }));
  const effective = policy ?? states[0]?.on;
  const filtersIpv6 =
    service === DISABLED
      ? false
      : effective === undefined || service === undefined
        ? "unknown"
        : effective !== 0;
  const told = states.map(
    ({ name, on }) => `${name} ${on === undefined ? "not set" : on === 0 ? "off" : "on"}`,
  );
  const text =
    service === DISABLED
      ? "Windows Firewall's service (MpsSvc) is disabled: nothing filters IPv6"
      : `Windows Firewall's profiles: ${told.join(", ")}${policy === undefined ? "" : `; group policy: public ${policy === 0 ? "off" : "on"}`}`;
  return {
    firewall: { kind: "windows-firewall", filtersIpv6 },
    steps: [
      {
        layer: "windows-firewall",
        text,
        evidence: [
          evidenceOf(valueIn(registry, KEYS.firewallService, "Start")),
          ...PROFILES.map(([, want]) => evidenceOf(valueIn(registry, want, "EnableFirewall"))),
        ],
      },
    ],
  };
}
