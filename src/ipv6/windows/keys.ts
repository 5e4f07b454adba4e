import type { RegistryWant } from "../../model/registry.ts";

const SERVICES = "CurrentControlSet\\Services";
const FIREWALL = `${SERVICES}\\SharedAccess\\Parameters\\FirewallPolicy`;
const FIREWALL_POLICY = "Policies\\Microsoft\\WindowsFirewall";
/** What netsh and Set-Net… cmdlets keep, by the module of the IPv6 stack: 7 interfaces, 10 addresses. */
const NSI_IPV6 = "CurrentControlSet\\Control\\Nsi\\{eb004a01-9b1a-11d4-9123-0050047759bc}";

function system(key: string, ...values: readonly string[]): RegistryWant {
  return { hive: "SYSTEM", key, ...(values.length > 0 ? { values } : {}) };
}

function software(key: string, ...values: readonly string[]): RegistryWant {
  return { hive: "SOFTWARE", key, ...(values.length > 0 ? { values } : {}) };
}

function profile(hive: typeof system, key: string): RegistryWant {
  return hive(key, "EnableFirewall", "DefaultInboundAction");
}

type KeyName =
  | "select"
  | "setup"
  | "driver"
  | "parameters"
  | "bindings"
  | "bindings4"
  | "interfaces"
  | "addresses"
  | "helper"
  | "tunnels"
  | "teredo"
  | "transition"
  | "firewallService"
  | "firewallPublic"
  | "firewallPrivate"
  | "firewallDomain"
  | "policyPublic"
  | "policyPrivate"
  | "policyStandard"
  | "policyDomain"
  | "setupState";

/** The keys that a prediction for Windows rests on, by what they are for. */
export const KEYS: Readonly<Record<KeyName, RegistryWant>> = {
  select: system("Select", "Current", "Default"),
  setup: system("Setup", "UnattendFile", "SetupType", "CmdLine"),
  driver: system(`${SERVICES}\\Tcpip6`, "Start"),
  parameters: system(`${SERVICES}\\Tcpip6\\Parameters`, "DisabledComponents"),
  bindings: system(`${SERVICES}\\Tcpip6\\Linkage`, "Bind"),
  bindings4: system(`${SERVICES}\\Tcpip\\Linkage`, "Bind"),
  interfaces: system(`${NSI_IPV6}\\7`),
  addresses: system(`${NSI_IPV6}\\10`),
  helper: system(`${SERVICES}\\iphlpsvc`, "Start"),
  tunnels: system(`${SERVICES}\\iphlpsvc\\Config`),
  teredo: system(`${SERVICES}\\iphlpsvc\\Teredo`, "Type"),
  transition: software("Policies\\Microsoft\\Windows\\TCPIP\\v6Transition"),
  firewallService: system(`${SERVICES}\\MpsSvc`, "Start"),
  firewallPublic: profile(system, `${FIREWALL}\\PublicProfile`),
  firewallPrivate: profile(system, `${FIREWALL}\\StandardProfile`),
  firewallDomain: profile(system, `${FIREWALL}\\DomainProfile`),
  policyPublic: profile(software, `${FIREWALL_POLICY}\\PublicProfile`),
  policyPrivate: profile(software, `${FIREWALL_POLICY}\\PrivateProfile`),
  policyStandard: profile(software, `${FIREWALL_POLICY}\\StandardProfile`),
  policyDomain: profile(software, `${FIREWALL_POLICY}\\DomainProfile`),
  setupState: software("Microsoft\\Windows\\CurrentVersion\\Setup\\State", "ImageState"),
};

/** Read for every Windows, to tell which one it is. */
export const VERSION_KEY: RegistryWant = software("Microsoft\\Windows NT\\CurrentVersion", "CurrentBuild");
