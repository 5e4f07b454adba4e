import type { Addressing, BlindSpot } from "../model/prediction.ts";
import type { Switch } from "./layer.ts";
import type { NicOutcome } from "./manager.ts";
import type { Nic } from "./nic.ts";

/** Which of the ways that a boot can go are taken for the answer, and where they differ. */

/** One way the boot can go for one card. */
export interface Run {
  readonly nic: Nic;
  readonly claims: boolean;
  readonly value: Switch;
  readonly addressing: Addressing | undefined;
  readonly told: readonly (NicOutcome & { readonly id: string })[];
  readonly writer: NicOutcome | undefined;
}

/**
 * A configuration that speaks of no card by a usual name may mean one that is renamed (`lan0`). Where it switches
 * that one on, the card is taken to be it; where not, it is one of all that it may be.
 */
export function withRenamed(usual: readonly Run[], renamed: readonly Run[]): readonly Run[] {
  const meant = renamed.filter(({ claims }) => claims);
  if (meant.length === 0) return usual;
  return meant.every(({ value }) => value === 0)
    ? meant
    : [...usual, ...meant.map((run) => ({ ...run, claims: false }))];
}

/** The cards that the configuration means; all of them when it means none. */
export function claimedOf(runs: readonly Run[]): readonly Run[] {
  const meant = new Set(runs.filter(({ claims }) => claims).map(({ nic }) => nic));
  return meant.size === 0 ? runs : runs.filter(({ nic }) => meant.has(nic));
}

/**
 * Where only a card with the kernel's own name would stay off, those with the names that udev gives are taken for
 * it: without net.ifnames=0 an eth0 is the exception, and "on" the side that harms nobody when it is wrong.
 */
export function expected(runs: readonly Run[]): readonly Run[] {
  if (new Set(runs.map(({ value }) => value)).size < 2) return runs;
  const usual = runs.filter(({ nic }) => !nic.name.startsWith("eth"));
  return usual.length > 0 && usual.every(({ value }) => value === 0) ? usual : runs;
}

/**
 * Only a card with the kernel's own name would stay off, and any other come up: where udev renames cards, such an image
 * is off in none but a few clouds.
 */
export function isOffByKernelName(meant: readonly Run[], all: readonly Run[]): boolean {
  const isKernels = ({ nic }: Run): boolean => nic.name.startsWith("eth");
  return (
    meant.every((run) => isKernels(run) && run.value === 1) &&
    all.some((run) => !isKernels(run) && run.value === 0)
  );
}

export function agree(values: readonly Switch[]): Switch {
  const [first = "unknown", ...rest] = values;
  return rest.every((value) => value === first) ? first : "unknown";
}

export function addressingOf(runs: readonly Run[]): Addressing | undefined {
  const [first, ...rest] = new Set(runs.map(({ addressing }) => addressing));
  return rest.length === 0 ? first : "unknown";
}

export function differences(claimed: readonly Run[], all: readonly Run[], nic: Switch): readonly BlindSpot[] {
  const named = (value: Switch): readonly string[] => [
    ...new Set(claimed.filter((one) => one.value === value).map(({ nic: { name } }) => name)),
  ];
  const evidence = [...new Set(claimed.flatMap(({ told }) => told.flatMap((one) => one.evidence)))].slice(
    0,
    4,
  );
  const first = claimed.find(({ told }) => told.length > 0)?.told[0];
  const layer = first?.id ?? "network";
  const values = new Set(claimed.map(({ value }) => value));
  if (nic === "unknown" && values.size > 1) {
    const [up, off] = [named(0), named(1)];
    const only = (names: readonly string[], others: readonly string[]): string =>
      names
        .filter((name) => !others.includes(name))
        .slice(0, 4)
        .join(", ");
    const text = up.every((name) => off.includes(name))
      ? "it depends on what only the machine itself tells: whatever its network card is called, IPv6 comes up or stays off"
      : `it depends on the network card: IPv6 comes up on ${only(up, off)} and stays off on ${only(off, up) || "others"}`;
    return [{ layer, text, evidence, decisive: true }];
  }
  const clashing = claimed.find(({ value, told }) => value === "unknown" && told.length > 1);
  if (nic === "unknown" && clashing) {
    const text = `${clashing.told.map(({ id }) => id).join(" and ")} both configure the network card and want different things`;
    return [{ layer, text, evidence, decisive: true }];
  }
  const turned = all.filter(({ value }) => value !== nic);
  if (nic === "unknown" || turned.length === 0) return [];
  const text = `the network card is taken to be one that the configuration means; one called ${[...new Set(turned.map((one) => one.nic.name))].slice(0, 4).join(", ")} would come up differently`;
  return [{ layer, text, evidence, decisive: false }];
}
