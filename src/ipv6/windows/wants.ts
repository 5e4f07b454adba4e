import type { RegistryWant } from "../../model/registry.ts";
import type { Want } from "../../model/snapshot.ts";

const SERVICES = "CurrentControlSet\\Services";
const FIREWALL = `${SERVICES}\\SharedAccess\\Parameters\\FirewallPolicy`;
const FIREWALL_POLICY = "Policies\\Microsoft\\WindowsFirewall";

function system(key: string, ...values: readonly string[]): RegistryWant {
  return { hive: "SYSTEM", key, ...(values.length > 0 ? { values } : {}) };
}

type KeyName =
  | "select"
  | "driver"
  | "parameters"
  | "bindings"
  | "bindings4"
  | "helper"
  | "firewallService"
  | "firewallPublic"
  | "firewallPrivate"
  | "firewallDomain"
  | "policyPublic"
  | "transition";

/** The keys that a prediction for Windows rests on, by what they are for. */
export const KEYS: Readonly<Record<KeyName, RegistryWant>> = {
  select: system("Select", "Current"),
  driver: system(`${SERVICES}\\Tcpip6`, "Start"),
  parameters: system(`${SERVICES}\\Tcpip6\\Parameters`, "DisabledComponents"),
  bindings: system(`${SERVICES}\\Tcpip6\\Linkage`, "Bind"),
  bindings4: system(`${SERVICES}\\Tcpip\\Linkage`, "Bind"),
  helper: system(`${SERVICES}\\iphlpsvc`, "Start"),
  firewallService: system(`${SERVICES}\\MpsSvc`, "Start"),
  firewallPublic: system(`${FIREWALL}\\PublicProfile`, "EnableFirewall"),
  firewallPrivate: system(`${FIREWALL}\\StandardProfile`, "EnableFirewall"),
  firewallDomain: system(`${FIREWALL}\\DomainProfile`, "EnableFirewall"),
  policyPublic: { hive: "SOFTWARE", key: `${FIREWALL_POLICY}\\PublicProfile`, values: ["EnableFirewall"] },
  transition: { hive: "SOFTWARE", key: "Policies\\Microsoft\\Windows\\TCPIP\\v6Transition" },
};

/** What decides the state and who made the system: what every scan reads. */
export const DECIDING_KEYS: readonly RegistryWant[] = [KEYS.select, KEYS.driver, KEYS.parameters];

/** Beside that: firewall, bindings, tunnels, for a person's review; each costs further pages of the hive. */
export const WINDOWS_KEYS: readonly RegistryWant[] = Object.values(KEYS);

/** What runs, or is read, at the first boot of an instance and can change IPv6. */
export const FIRST_BOOT: readonly (readonly [path: string, what: string])[] = [
  ["/Windows/Panther/unattend.xml", "the answer file of Windows Setup"],
  ["/Windows/Panther/Unattend/unattend.xml", "the answer file of Windows Setup"],
  ["/Windows/System32/Sysprep/unattend.xml", "the answer file of Sysprep"],
  ["/Windows/Setup/Scripts/SetupComplete.cmd", "the script that Windows Setup runs at its end"],
  ["/Windows/OEM/SetupComplete2.cmd", "the script that Azure's provisioning runs"],
  ["/ProgramData/Amazon/EC2Launch/config/agent-config.yml", "the configuration of EC2Launch v2"],
  ["/ProgramData/Amazon/EC2-Windows/Launch/Config/LaunchConfig.json", "the configuration of EC2Launch"],
  ["/Program Files/Amazon/Ec2ConfigService/Settings/config.xml", "the configuration of EC2Config"],
  ["/Program Files/Google/Compute Engine/instance_configs.cfg", "the configuration of Google's guest agent"],
];

export const WINDOWS_FILES: readonly Want[] = FIRST_BOOT.map(([path]) => ({ path, maxBytes: 256 << 10 }));
