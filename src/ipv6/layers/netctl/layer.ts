import type { Evidence } from "../../../model/locator.ts";
import type { Manager } from "../../manager.ts";
import { followUnits, NETWORK_TARGETS } from "../../units.ts";

const LINKS = "/etc/systemd/system/multi-user.target.wants";
const UNIT = /^netctl(?:-auto|-ifplugd)?@.+\.service$/;

export interface NetctlFacts {
  readonly evidence: readonly Evidence[];
}

/** netctl writes the switch of the cards that its profiles name, which are not read. Source: netctl.profile(5), IP6=. */
export const netctl: Manager<NetctlFacts> = {
  id: "netctl",
  wants: [],
  follow: (observations) => followUnits(observations, [], NETWORK_TARGETS),
  read(observations) {
    const links = observations.list(LINKS);
    const started = links.state === "found" ? links.value.filter(({ name }) => UNIT.test(name)) : [];
    return started.length > 0
      ? { evidence: started.map(({ name }) => ({ locator: `${links.locator}/${name}` })) }
      : undefined;
  },
  names: () => [],
  configure: () => [],
  blindSpots: ({ evidence }) => [
    {
      layer: "netctl",
      text: "netctl configures the network, and what its profiles do about IPv6 is not followed",
      evidence,
      decisive: true,
    },
  ],
};
