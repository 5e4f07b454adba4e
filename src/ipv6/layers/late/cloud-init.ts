import type { Evidence } from "../../../model/locator.ts";
import type { Observations } from "../../../model/observations.ts";
import type { Want } from "../../../model/snapshot.ts";
import { lineEvidence, textFile } from "../../lines.ts";
import { namesOf } from "./managers.ts";

const CONFIG = "/etc/cloud/cloud.cfg";
const DROP_INS = "/etc/cloud/cloud.cfg.d";

export const CLOUD_INIT_WANTS: readonly Want[] = [{ path: CONFIG }, { path: `${DROP_INS}/*.cfg` }];

/** What cloud-init would write its network configuration for. */
export interface CloudInit {
  /**
   * `ifupdown` and the like leave disable_ipv6 alone; `manager` is written for one that switches IPv6 on;
   * `off`: it configures no network.
   */
  readonly renders: "leaves-alone" | "manager" | "off" | "unknown";
  readonly evidence: readonly Evidence[];
}

/**
 * Which renderer cloud-init takes: the first of the list in its configuration that is available; without a
 * list eni comes before all others. Source: cloud-init, cloudinit/net/renderers.py.
 */
export function cloudInitNetwork(observations: Observations): CloudInit {
  const files = [
    CONFIG,
    ...namesOf(observations.list(DROP_INS))
      .filter((name) => name.endsWith(".cfg"))
      .map((name) => `${DROP_INS}/${name}`),
  ];
  let renderers: readonly string[] | undefined;
  let evidence: readonly Evidence[] = [];
  for (const path of files) {
    const file = textFile(observations, path);
    if (file.state === "unreadable") return { renders: "unknown", evidence: [{ locator: file.locator }] };
    if (file.state !== "found") continue;
    const off = file.lines.find(({ text }) =>
      /^\s*network:\s*\{\s*config:\s*['"]?disabled|^\s+config:\s*['"]?disabled/.test(text),
    );
    if (off) return { renders: "off", evidence: [lineEvidence(file.locator, off)] };
    const at = file.lines.findIndex(({ text }) => /^\s*renderers:/.test(text));
    const line = file.lines[at];
    if (!line) continue;
    renderers = listAfter(file.lines.slice(at).map(({ text }) => text));
    evidence = [lineEvidence(file.locator, line)];
  }
  const order = renderers ?? ["eni", "sysconfig"];
  for (const renderer of order) {
    if (renderer === "eni" && observations.file("/etc/network/interfaces").state === "found")
      return { renders: "leaves-alone", evidence };
    if (renderer === "sysconfig" && observations.list("/etc/sysconfig/network-scripts").state === "found")
      return { renders: "leaves-alone", evidence };
    if (renderer === "netplan" && observations.list("/etc/netplan").state === "found")
      return { renders: "manager", evidence };
    if (renderer === "network-manager" || renderer === "networkd") return { renders: "manager", evidence };
  }
  return { renders: renderers ? "unknown" : "manager", evidence };
}

/** `renderers: ['netplan', 'eni']`, or the dashes below it. */
function listAfter(lines: readonly string[]): readonly string[] {
  const [first = "", ...below] = lines;
  const inline = /\[(.*)\]/.exec(first)?.[1];
  const items =
    inline !== undefined
      ? inline.split(",")
      : below.slice(0, countDashes(below)).map((text) => text.trim().slice(1));
  return items.map((item) => item.trim().replace(/^['"]|['"]$/g, ""));
}

function countDashes(lines: readonly string[]): number {
  const end = lines.findIndex((text) => !/^\s*-\s/.test(text));
  return end < 0 ? lines.length : end;
}
