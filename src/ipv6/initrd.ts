import type { Observations } from "../model/observations.ts";
import type { BlindSpot } from "../model/prediction.ts";
import type { Want } from "../model/snapshot.ts";
import { type Argument, splitArguments } from "./arguments.ts";
import { lineEvidence, textFile } from "./lines.ts";

/*
 * What the initrd's own configuration has it do with the network, as far as the image still shows it: the initrd itself is not
 * read. Sources: dracut.conf(5), kernel_cmdline; initramfs.conf(5), IP; initramfs-tools of Ubuntu, which leaves what it did
 * to netplan.
 */

const DRACUT = "/etc/dracut.conf";
const TOOLS = "/etc/initramfs-tools";

/** Asked for where IPv6 would stay off. */
export const INITRD_WANTS: readonly Want[] = [DRACUT, `${TOOLS}/initramfs.conf`]
  .map((path): Want => ({ path }))
  .concat([{ path: `${DRACUT}.d/*.conf` }, { path: `${TOOLS}/conf.d/*` }]);

const ARGUMENTS = /^\s*kernel_cmdline\+?=(.*)$/;
const ADDRESS = /^\s*(?:export\s+)?IP=["']?([^"'\s#]+)/;
const NO_ADDRESS = /^(?:off|none)$|^:*(?:off|none)?$/;

/** Lines by which the initrd brings the network up; `takes`: an argument of the kernel command line does. */
export function networkOfInitrd(
  observations: Observations,
  takes: (word: Argument) => boolean,
): readonly Omit<BlindSpot, "layer">[] {
  return configFiles(observations).flatMap((path) => {
    const file = textFile(observations, path);
    if (file.state !== "found") return [];
    const line = file.lines.find(({ text }) => {
      const given = ARGUMENTS.exec(text)?.[1];
      if (given !== undefined) return splitArguments(given.replace(/["']/g, " ")).some(takes);
      const address = path.startsWith(TOOLS) ? ADDRESS.exec(text)?.[1] : undefined;
      return address !== undefined && !NO_ADDRESS.test(address);
    });
    if (!line) return [];
    const text = `${path} has the initrd bring the network up: what of that stays is not followed`;
    return [{ text, evidence: [lineEvidence(file.locator, line)], decisive: true }];
  });
}

function configFiles(observations: Observations): readonly string[] {
  const below = (folder: string, ends: string): readonly string[] => {
    const listed = observations.list(folder);
    if (listed.state !== "found") return [];
    return listed.value.flatMap(({ name }) => (name.endsWith(ends) ? [`${folder}/${name}`] : []));
  };
  return [
    DRACUT,
    ...below(`${DRACUT}.d`, ".conf"),
    `${TOOLS}/initramfs.conf`,
    ...below(`${TOOLS}/conf.d`, ""),
  ];
}
