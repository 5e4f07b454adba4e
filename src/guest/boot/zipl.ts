/**
 * zipl, of s390x: it writes kernel and arguments of every entry into /boot/bootmap when it is run, and nobody reads the
 * entries again until then. Source: zipl(8), zipl.conf(5).
 */
import { blsFilesIn } from "./bls/entry.ts";
import { type BootLoader, NOTHING } from "./loader.ts";
import { fromBls } from "./systemd-boot.ts";

const CONFIG = "/etc/zipl.conf";

export const zipl: BootLoader = {
  id: "zipl",
  look(files) {
    const config = files.text(CONFIG);
    if (config.state === "absent") return NOTHING;
    const entries = blsFilesIn("/boot/loader/entries", files);
    const starts = (entries.state === "found" ? entries.value : []).flatMap(
      ({ id, file }) => fromBls(id, file)?.start ?? [],
    );
    const lines = config.state === "found" ? config.value.lines : [];
    return {
      state: "unknown",
      loader: "zipl",
      reason: "zipl boots what it wrote into /boot/bootmap when it was last run, which is not read",
      candidates: starts,
      mayBe: lines.flatMap((line) => /^\s*parameters\s*=\s*"?(.*?)"?\s*$/.exec(line)?.[1] ?? []),
    };
  },
};
