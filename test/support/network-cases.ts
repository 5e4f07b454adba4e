import { describe, expect, test } from "vitest";
import { DEBIAN_12, type FlatFiles, predictFiles } from "./machine.ts";

/** The textbook setting, which what follows undoes or not. */
export const OFF: FlatFiles = {
  "/etc/sysctl.d/1.conf": "net.ipv6.conf.all.disable_ipv6=1\nnet.ipv6.conf.default.disable_ipv6=1\n",
};
export const WANTS = "/etc/systemd/system/multi-user.target.wants";
export const NETWORKD: FlatFiles = enabled("systemd-networkd.service");
export const NM: FlatFiles = enabled("NetworkManager.service");

/** What enables a unit, and the unit. */
export function enabled(unit: string): FlatFiles {
  return { [`${WANTS}/${unit}`]: "", [`/usr/lib/systemd/system/${unit}`]: "[Service]\n" };
}
export const CONNECTIONS = "/etc/NetworkManager/system-connections";

export function profile(ipv6: string, connection = ""): FlatFiles {
  return {
    [`${CONNECTIONS}/a.nmconnection`]: `[connection]\nid=a\ntype=ethernet\n${connection}\n[ipv4]\nmethod=auto\n${ipv6}`,
  };
}

/** State, addressing, and the last step's file and line where a program decides. */
export type Case = readonly [
  name: string,
  files: FlatFiles,
  state: string,
  addressing: string,
  decidedBy?: string,
];

/** Debian 12 with `common` and a case's own files over it. */
export function networkCases(group: string, cases: readonly Case[], common: FlatFiles): void {
  describe(group, () => {
    for (const [name, files, state, addressing, decidedBy] of cases) {
      test(name, async () => {
        const prediction = await predictFiles({ ...DEBIAN_12, ...common, ...files }, { mode: 0o700 });
        const told = [prediction.state, prediction.addressing];
        expect([...told, prediction.reason]).toEqual([state, addressing, prediction.reason]);
        if (decidedBy === undefined) return;
        const [evidence] = prediction.deciding.flatMap((step) => step.evidence);
        expect(`${evidence?.locator.split(" > ").at(-1)}:${evidence?.line}`).toBe(decidedBy);
      });
    }
  });
}
