import type { Observations } from "../../../model/observations.ts";
import type { Want } from "../../../model/snapshot.ts";
import { type Generated, type Generator, NOTHING_GENERATED } from "../../manager.ts";
import { NIC_MAC } from "../../nic.ts";

const NETWORK = "/usr/lib/systemd/network/80-ec2.network";
const RULES = "/usr/lib/udev/rules.d/99-vpc-policy-routes.rules";

/**
 * amazon-ec2-net-utils: udev starts it for every network card, and it writes a .network file of its own that comes
 * before 80-ec2.network, with DHCP=yes for both families and nothing on link-local addressing: drop-ins of
 * 80-ec2.network have no effect on the card. Source: amazon-ec2-net-utils 2, lib/lib.sh (create_interface_config).
 */
export const ec2NetUtils: Generator = {
  id: "ec2-net-utils",
  wants: [],
  follow(observations): readonly Want[] {
    return observations.file(NETWORK).state === "found" ? [{ path: RULES }] : [];
  },
  generate(observations: Observations): Generated {
    const rules = observations.file(RULES);
    if (rules.state !== "found") return NOTHING_GENERATED;
    const origin = { locator: rules.locator };
    const text = `[Match]\nMACAddress=${NIC_MAC}\n[Network]\nDHCP=yes\n`;
    const step =
      "amazon-ec2-net-utils writes /run/systemd/network/70-NAME.network for the card, with DHCP for both families";
    return {
      files: [{ path: "/run/systemd/network/70-ec2-net-utils.network", text, origin }],
      steps: [{ layer: "ec2-net-utils", text: step, evidence: [origin] }],
      blindSpots: [],
    };
  },
};
