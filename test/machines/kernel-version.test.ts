import type { FlatFiles } from "../support/machine.ts";
import { type Cells, truthTable } from "../support/truth-table.ts";
import { debian13 } from "./distributions.ts";
import { SET, without } from "./settings.ts";

/** networkd with a file for every card, for some kernels only. */
function forKernels(...expressions: readonly string[]): FlatFiles {
  const match = expressions.map((one) => `KernelVersion=${one}\n`).join("");
  return {
    ...debian13(),
    ...SET,
    "/etc/systemd/network/10-all.network": `[Match]\nName=e*\n${match}[Network]\nDHCP=ipv4\n`,
  };
}

const KERNELS: readonly Cells[] = [
  ["an older kernel", forKernels("<3"), "off", "systemd.unit(5): ConditionKernelVersion="],
  ["a newer kernel", forKernels(">=6"), "on", "systemd.unit(5): ConditionKernelVersion="],
  ["not a newer kernel", forKernels("!>=6"), "off", "systemd.network(5): KernelVersion="],
  ["the last of two", forKernels("<3", "6.12.*"), "on", "systemd, config_parse_net_condition"],
  [
    "a kernel that is not known",
    without(forKernels("<3"), "/boot/grub"),
    "unknown",
    "systemd.network(5): KernelVersion=",
  ],
];

truthTable("KernelVersion= of networkd", KERNELS);
