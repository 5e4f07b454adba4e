import type { BlindSpot } from "../../model/prediction.ts";
import { type RegistrySnapshot, type RegistryWant, registryPath } from "../../model/registry.ts";
import { evidenceOf, numberIn, valueIn } from "./read.ts";

const DISABLED = 4; // a service's Start: SERVICE_DISABLED

/** Services of clouds' agents. Sources: the documentation of EC2Launch v2, EC2Config, SSM, Azure, GCE and cloudbase-init. */
const AGENTS: readonly (readonly [service: string, agent: string])[] = [
  ["Amazon EC2Launch", "EC2Launch v2"],
  ["Ec2Config", "EC2Config"],
  ["AmazonSSMAgent", "Amazon's SSM agent"],
  ["WindowsAzureGuestAgent", "Azure's guest agent"],
  ["GCEAgent", "Google's guest agent"],
  ["cloudbase-init", "cloudbase-init"],
];

export const AGENT_KEYS: readonly RegistryWant[] = AGENTS.map(([service]) => keyOf(service));

/** Agents run what an instance's user data or metadata says, which no image holds. */
export function agentSpots(registry: RegistrySnapshot): readonly BlindSpot[] {
  const found = AGENTS.filter(([service]) => {
    const want = keyOf(service);
    const start = registry.has(registryPath(want)) ? numberIn(registry, want, "Start") : undefined;
    return start !== undefined && start !== DISABLED;
  });
  if (found.length === 0) return [];
  const names = found.map(([, agent]) => agent).join(", ");
  const text = `agents of a cloud start with this Windows (${names}): what an instance's user data or metadata has them run is not in the image`;
  const evidence = found.map(([service]) => evidenceOf(valueIn(registry, keyOf(service), "Start")));
  return [{ layer: "windows-agents", text, evidence, decisive: false }];
}

function keyOf(service: string): RegistryWant {
  return { hive: "SYSTEM", key: `CurrentControlSet\\Services\\${service}`, values: ["Start"] };
}
