import type { DisableValue, Ipv6State, Prediction } from "../../src/model/prediction.ts";
import type { Reality } from "./boot.ts";

export interface Row {
  readonly id: string;
  readonly verdict: "right" | "WRONG" | "unknown" | "no boot";
  readonly text: string;
  /** Values told, and how many of them were right. */
  readonly values: { readonly told: number; readonly wrong: number };
  readonly addressing: "right" | "wrong" | "unknown";
}

/** Holds what was predicted against what the machine showed: the state first, then every value that was told. */
export function compare(
  id: string,
  prediction: Prediction,
  reality: Reality | undefined,
  isManaged: boolean,
): Row {
  const none = { told: 0, wrong: 0 };
  if (!reality)
    return {
      id,
      verdict: "no boot",
      text: `predicted ${prediction.state}`,
      values: none,
      addressing: "unknown",
    };
  const seen = stateOf(reality, prediction.state);
  const differing = valuesOf(prediction, reality);
  const wrong = differing.filter(({ really, told }) => really !== told);
  // Without a manager the link stays down, and nobody promised otherwise.
  const addressing = isManaged ? addressingOf(prediction, reality) : "unknown";
  const state = prediction.state === "unknown" ? "unknown" : prediction.state === seen ? "right" : "WRONG";
  const verdict = wrong.length > 0 ? "WRONG" : state;
  const shown = wrong
    .map(({ name, told, really }) => `${name}: told ${told ?? "nothing"}, really ${really}`)
    .join(", ");
  const said = prediction.state === seen ? seen : `told ${prediction.state}, really ${seen}`;
  return {
    id,
    verdict,
    text: [said, shown, verdict === "right" ? "" : prediction.reason].filter((one) => one !== "").join("; "),
    values: { told: differing.length, wrong: wrong.length },
    addressing,
  };
}

/** "partial" is on without an address: it is not held against a prediction of "on" for a link that stays down. */
function stateOf({ disableIpv6, nic, addresses }: Reality, told: Ipv6State): Ipv6State {
  if (disableIpv6 === undefined || (disableIpv6[nic ?? ""] ?? 1) !== 0) return "off";
  return told === "partial" && addresses.length === 0 ? "partial" : "on";
}

function valuesOf(
  { disableIpv6: told }: Prediction,
  { disableIpv6: seen, nic }: Reality,
): readonly {
  readonly name: string;
  readonly told: DisableValue | undefined;
  readonly really: DisableValue;
}[] {
  return ["all", "default", "lo", "nic"].flatMap((name) => {
    const value = seen?.[name === "nic" ? (nic ?? "") : name];
    const really: DisableValue = value === undefined ? "absent" : value === 0 ? 0 : 1;
    return told[name] === "unknown" ? [] : [{ name, told: told[name], really }];
  });
}

/** slirp advertises fec0::/64; everything else that is not link-local counts the same. */
function addressingOf({ addressing }: Prediction, { addresses }: Reality): Row["addressing"] {
  if (addressing === "unknown") return "unknown";
  const linkLocal = addresses.some((one) => one.startsWith("fe80:"));
  const wider = addresses.some((one) => !one.startsWith("fe80:"));
  const really = wider ? ["slaac", "dhcpv6", "static"] : linkLocal ? ["link-local"] : ["none"];
  return really.includes(addressing) ? "right" : "wrong";
}

export function printTable(rows: readonly Row[], skipped: readonly string[]): void {
  const width = Math.max(...rows.map(({ id }) => id.length), 4);
  console.log(`\n${"case".padEnd(width)}  verdict  addressing  values`);
  for (const { id, verdict, addressing, values } of rows.toSorted((a, b) => a.id.localeCompare(b.id)))
    console.log(
      `${id.padEnd(width)}  ${verdict.padEnd(7)}  ${addressing.padEnd(10)}  ${values.told - values.wrong}/${values.told}`,
    );
  const count = (verdict: Row["verdict"]): number => rows.filter((row) => row.verdict === verdict).length;
  const addressing = (word: Row["addressing"]): number =>
    rows.filter((row) => row.addressing === word).length;
  console.log(
    `\n${rows.length} machines: ${count("right")} right, ${count("WRONG")} wrong, ${count("unknown")} unknown, ${count("no boot")} did not boot` +
      `; addressing ${addressing("right")} right, ${addressing("wrong")} wrong, ${addressing("unknown")} unknown`,
  );
  for (const id of skipped) console.log(`not run, no root for it: ${id}`);
}
