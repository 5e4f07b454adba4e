/**
 * Files that do not boot anything, but from which the next update of the kernel or of the boot loader's
 * configuration makes new entries. Sources: grub-mkconfig ("Simple configuration" in GRUB's manual),
 * kernel-install(8).
 */
import type { BootFiles, TextFile } from "./files.ts";
import type { Start } from "./loader.ts";

const ABOUT_IPV6 = /ipv6|inet6/i;
const GRUB_DEFAULT = "/etc/default/grub";
const KERNEL_CMDLINE = "/etc/kernel/cmdline";

/**
 * What would become of the arguments about IPv6, where that differs from what boots now. Looked at only where an
 * entry has such arguments: everywhere else the reads would buy nothing that decides.
 */
export function sourceNotes(
  loader: string,
  start: Start,
  others: readonly Start[],
  files: BootFiles,
): readonly string[] {
  if (![start, ...others].some(({ cmdline }) => ABOUT_IPV6.test(cmdline))) return [];
  const now = aboutIpv6(start.cmdline);
  const isGrub = loader === "grub2";
  const path = isGrub ? GRUB_DEFAULT : KERNEL_CMDLINE;
  if (!["grub2", "grub2-bls", "systemd-boot", "uki"].includes(loader)) return [];
  const found = files.text(path);
  if (found.state !== "found") return [];
  const then = aboutIpv6(isGrub ? grubDefaults(found.value) : found.value.text);
  if (then === undefined || then === now) return [];
  const by = isGrub ? "update-grub" : "the next kernel or image";
  return [
    `${path} has ${then || "nothing"} about IPv6, what boots has ${now || "nothing"}: ${by} will change that`,
  ];
}

function aboutIpv6(cmdline: string | undefined): string | undefined {
  return cmdline
    ?.split(/\s+/)
    .filter((word) => ABOUT_IPV6.test(word))
    .join(" ");
}

/** Both variables, when they are plain strings: drop-ins and shell tricks are not followed. */
function grubDefaults(file: TextFile): string | undefined {
  const value = (name: string): string | undefined => {
    const lines = file.lines.filter((line) => new RegExp(`^\\s*${name}\\+?=`).test(line));
    const last = lines.at(-1);
    if (last === undefined) return "";
    return /^\s*[A-Z_]+=(?:"([^"$`\\]*)"|'([^']*)'|([^\s"'$`\\]*))\s*(?:#.*)?$/
      .exec(last)
      ?.slice(1)
      .find((one) => one !== undefined);
  };
  const always = value("GRUB_CMDLINE_LINUX");
  const usual = value("GRUB_CMDLINE_LINUX_DEFAULT");
  return always === undefined || usual === undefined ? undefined : `${always} ${usual}`;
}
