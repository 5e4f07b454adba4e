import type { Evidence } from "../../../model/locator.ts";
import { type Manager, UNTOUCHED } from "../../manager.ts";
import { followUnits, NETWORK_TARGETS, unitStart } from "../../units.ts";

const SERVICE = "connman.service";

export interface ConnmanFacts {
  readonly evidence: readonly Evidence[];
}

/**
 * ConnMan writes disable_ipv6 = 0 to a card whose IPv6 method is not `off`, and 1 where it is; the methods that it keeps
 * in /var/lib/connman are not read. Source: connman, src/ipconfig.c (__connman_ipconfig_enable_ipv6).
 */
export const connman: Manager<ConnmanFacts> = {
  id: "connman",
  service: { unit: SERVICE, program: "connmand" },
  wants: [],
  follow: (observations) => followUnits(observations, [SERVICE], NETWORK_TARGETS),
  read(observations, boot) {
    const { state, evidence } = unitStart(observations, boot, SERVICE, [], NETWORK_TARGETS);
    return state === "starts" ? { evidence } : undefined;
  },
  names: () => [],
  configure: ({ evidence }) => [
    {
      ...UNTOUCHED,
      writes: 0,
      addressing: "slaac",
      text: "ConnMan writes disable_ipv6 = 0, unless its own settings say that IPv6 is off",
      evidence,
    },
  ],
  blindSpots: ({ evidence }) => [
    {
      layer: "connman",
      text: "ConnMan's own settings of services are not followed",
      evidence,
      decisive: true,
    },
  ],
};
