import { expect, test } from "vitest";
import { DEBIAN_12, type FlatFiles, grubConfig, predictFiles } from "../../../test/support/machine.ts";

const MEGABYTE = 1 << 20;
const fill = (line: (index: number) => string): string => {
  let text = "";
  for (let index = 0; text.length < MEGABYTE - 100; index++) text += line(index);
  return text;
};
const modular = { "/boot/config-6.1.0-18-cloud-amd64": "CONFIG_IPV6=m\n" };

/** A file as long as is read of one, made to keep the layers busy. */
const HOSTILE: readonly (readonly [name: string, files: FlatFiles])[] = [
  [
    "names and patterns",
    {
      "/etc/sysctl.d/1.conf": fill(
        (i) => `net.ipv6.conf.e${i}.disable_ipv6=1\nnet.ipv6.conf.[ae]*${i}*.disable_ipv6=1\n`,
      ),
    },
  ],
  ["braces", { "/etc/sysctl.d/1.conf": `net.ipv6.conf.${"{a,b}".repeat(5000)}*.disable_ipv6=1\n` }],
  ["nested braces", { "/etc/sysctl.d/1.conf": `net.ipv6.conf.${"{a,".repeat(5000)}*.disable_ipv6=1\n` }],
  ["stars", { "/etc/sysctl.d/1.conf": `net.ipv6.conf.${"*a".repeat(50_000)}.disable_ipv6=1\n` }],
  [
    "soft dependencies",
    {
      ...modular,
      "/etc/modprobe.d/x.conf": `install ipv6 /bin/true\n${fill((i) => `softdep m${i} pre: m${i + 1}\nalias m${i} n${i}\n`)}`,
    },
  ],
  ["aliases of patterns", { ...modular, "/etc/modprobe.d/x.conf": fill((i) => `alias *n*e*t*${i}* x\n`) }],
  ["options", { ...modular, "/etc/modprobe.d/x.conf": fill(() => "options ipv6 disable=0\n") }],
  ["backslashes", { ...modular, "/etc/modprobe.d/x.conf": fill(() => "\\\\\n\\\n") }],
  ["words", { "/boot/grub/grub.cfg": grubConfig(fill(() => "ipv6.disable=0 ").slice(0, 60_000)) }],
];

test.for(HOSTILE)("%s end soon, and never in off", { timeout: 20_000 }, async ([, files]) => {
  const begun = performance.now();
  const { state } = await predictFiles({ ...DEBIAN_12, ...files });
  console.log(`${state} after ${(performance.now() - begun).toFixed(0)} ms`);
  expect(state).not.toBe("off");
});
