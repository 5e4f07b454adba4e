import type { BlindSpot } from "../../../model/prediction.ts";
import type { Want } from "../../../model/snapshot.ts";
import { evidenceIn, type Line, textFile } from "../../lines.ts";
import { type Manager, UNTOUCHED } from "../../manager.ts";
import { followUnits, NETWORK_TARGETS, unitStart } from "../../units.ts";

const SERVICE = "dhcpcd.service";
const CONFIG = "/etc/dhcpcd.conf";

export interface DhcpcdFacts {
  readonly ipv6: boolean;
  readonly text: string;
  readonly evidence: Parameters<typeof evidenceIn>[0];
  readonly line: Line | undefined;
  readonly blindSpots: readonly BlindSpot[];
}

/**
 * dhcpcd as the manager of all interfaces: it takes over router advertisements and never touches disable_ipv6.
 * Source: dhcpcd.conf(5); dhcpcd, src/if-linux.c (if_setup_inet6).
 */
export const dhcpcd: Manager<DhcpcdFacts> = {
  id: "dhcpcd",
  service: { unit: SERVICE, program: "dhcpcd" },
  wants: [],
  follow(observations, boot): readonly Want[] {
    const runs = unitStart(observations, boot, SERVICE, [], NETWORK_TARGETS).state === "starts";
    return [...followUnits(observations, [SERVICE], NETWORK_TARGETS), ...(runs ? [{ path: CONFIG }] : [])];
  },
  read(observations, boot) {
    if (unitStart(observations, boot, SERVICE, [], NETWORK_TARGETS).state !== "starts") return undefined;
    const file = textFile(observations, CONFIG);
    const lines = file.state === "found" ? file.lines : [];
    const line = lines.find(({ text }) => /^\s*(noipv6|ipv4only)\b/.test(text));
    const text = line
      ? `dhcpcd leaves disable_ipv6 alone: ${line.text.trim()} only keeps itself from IPv6`
      : "dhcpcd configures it and leaves disable_ipv6 alone";
    return { ipv6: line === undefined, text, evidence: { locator: file.locator }, line, blindSpots: [] };
  },
  names: () => [],
  configure: ({ ipv6, text, evidence, line }) => [
    { ...UNTOUCHED, addressing: ipv6 ? "slaac" : "kernel", text, evidence: [evidenceIn(evidence, line)] },
  ],
  blindSpots: ({ blindSpots }) => blindSpots,
};
