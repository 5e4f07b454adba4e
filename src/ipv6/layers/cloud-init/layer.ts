import type { BootFacts } from "../../../model/boot.ts";
import type { Observations } from "../../../model/observations.ts";
import type { Want } from "../../../model/snapshot.ts";
import { kernelArguments } from "../../arguments.ts";
import { type Generated, type Generator, NOTHING_GENERATED } from "../../manager.ts";
import { OWN_UNITS } from "../../unit-folders.ts";
import { followUnits, NETWORK_TARGETS, unitStart } from "../../units.ts";
import { type RendererName, renderNetwork } from "./render.ts";
import { CONFIG, DROP_INS, readSettings } from "./settings.ts";

const SERVICE = "cloud-init-local.service";
const TARGET = "cloud-init.target";
const SERVICES = [
  "cloud-init.service",
  "cloud-init-main.service",
  "cloud-init-network.service",
  "cloud-init.target",
];
const OFF = "/etc/cloud/cloud-init.disabled";

/** Renderers in the order cloud-init tries them when the image names none. Source: net/renderers.py. */
const ORDER = ["eni", "sysconfig", "netplan", "network-manager", "networkd"];

/** cloud-init: at the first boot of an instance it writes the network configuration, for whom the image has. */
export const cloudInit: Generator = {
  id: "cloud-init",
  wants: [{ path: "/etc/cloud", what: "list" }, { path: CONFIG }, { path: `${DROP_INS}/*.cfg` }],
  follow(observations, boot): readonly Want[] {
    if (observations.list("/etc/cloud").state !== "found") return [];
    const units = followUnits(observations, [SERVICE, ...SERVICES], NETWORK_TARGETS);
    if (!runs(observations, boot)) return units;
    return [
      ...units,
      { path: "/etc/network/interfaces" },
      { path: "/etc/sysconfig/network-scripts", what: "list" },
    ];
  },
  generate,
};

function runs(observations: Observations, boot: BootFacts): boolean {
  const folder = observations.list("/etc/cloud");
  const marked = folder.state === "found" && folder.value.some(({ name }) => OFF.endsWith(`/${name}`));
  const words = kernelArguments(boot.cmdline ?? "");
  const byCommandLine = words.some(({ name, value }) => name === "cloud-init" && value === "disabled");
  if (marked || byCommandLine || folder.state === "absent") return false;
  // The generator of cloud-init starts its target; the folder of links is there exactly when it has services.
  const own = observations.list(OWN_UNITS);
  const byTarget = own.state === "found" && own.value.some(({ name }) => name === `${TARGET}.wants`);
  const { state } = unitStart(observations, boot, SERVICE, [...SERVICES, TARGET], NETWORK_TARGETS);
  return state === "starts" || (byTarget && state !== "masked");
}

function generate(observations: Observations, boot: BootFacts, nic: string | undefined): Generated {
  if (!runs(observations, boot)) return NOTHING_GENERATED;
  const settings = readSettings(observations);
  const { blindSpots, disabledBy, network } = settings;
  const tell = (
    text: string,
    evidence = [settings.renderersBy].filter((one) => one !== undefined),
  ): Generated => ({
    files: [],
    steps: [{ layer: "cloud-init", text, evidence }],
    blindSpots,
  });
  if (disabledBy) return tell("cloud-init writes no network configuration: it is told not to", [disabledBy]);
  const renderer = (settings.renderers ?? ORDER).find((name) => isAvailable(observations, boot, name));
  if (renderer === undefined) return tell("cloud-init finds no program to write a network configuration for");
  const config = observations.file(CONFIG);
  const origin = network?.evidence ?? settings.renderersBy ?? { locator: config.locator };
  const whose = network ? "the image's own configuration" : "what the cloud says, DHCP on its card";
  const text = `cloud-init writes the network configuration at first boot for ${renderer}: ${whose}`;
  const spots = [...blindSpots];
  if (renderer === "sysconfig" && !network) {
    const text =
      "cloud-init writes IPV6INIT=yes where the cloud gives its instance an IPv6 address; NetworkManager then switches IPv6 on";
    spots.push({ layer: "cloud-init", text, evidence: [origin], decisive: true });
  }
  return {
    files: isRenderer(renderer) ? renderNetwork(renderer, network?.value, nic, origin) : [],
    steps: [{ layer: "cloud-init", text, evidence: [origin] }],
    blindSpots: spots,
    perNic: true,
  };
}

function isRenderer(name: string): name is RendererName {
  return ORDER.includes(name);
}

/** Source: `available` of each renderer; a package is told from the folders it brings. */
function isAvailable(observations: Observations, boot: BootFacts, name: string): boolean {
  switch (name) {
    case "netplan":
      return observations.list("/etc/netplan").state === "found";
    case "eni":
      return observations.file("/etc/network/interfaces").state === "found";
    case "sysconfig":
      return observations.list("/etc/sysconfig/network-scripts").state === "found";
    case "network-manager":
      return unitStart(observations, boot, "NetworkManager.service", [], NETWORK_TARGETS).state === "starts";
    case "networkd":
      return true;
    default:
      return false;
  }
}
