/**
 * U-Boot with a script: what that does with the arguments, and whether it comes before other ways to boot, only the
 * script and the board's environment tell. Sources: U-Boot, include/config_distro_bootcmd.h (extlinux.conf first, then
 * scripts, then EFI); Armbian's boot scripts (`extraargs`).
 */
import { type BootLoader, NOTHING } from "./loader.ts";

const SCRIPTS = ["/boot/boot.scr", "/boot/boot.scr.uimg", "/boot/boot.ini"];
/** Variables that scripts import. */
const ENVIRONMENTS = ["/boot/armbianEnv.txt", "/boot/orangepiEnv.txt", "/boot/uEnv.txt"];
const ARGUMENTS = /^\s*(?:extraargs|optargs|bootargs|cmdline)\s*=\s*(.*?)\s*$/;

export const uBoot: BootLoader = {
  id: "u-boot",
  look(files) {
    const kinds = SCRIPTS.map((path) => ({ path, kind: files.kind(path) }));
    const texts = ENVIRONMENTS.map((path) => ({ path, found: files.text(path) }));
    const [first] = [
      ...kinds.filter(({ kind }) => kind !== "absent"),
      ...texts.filter(({ found }) => found.state !== "absent"),
    ];
    if (first === undefined) return NOTHING;
    const lines = texts.flatMap(({ found }) => (found.state === "found" ? found.value.lines : []));
    return {
      state: "unknown",
      loader: "u-boot",
      reason: `U-Boot may run ${first.path}, which is not followed`,
      candidates: [],
      mayBe: lines.flatMap((line) => ARGUMENTS.exec(line)?.[1] ?? []),
    };
  },
};
