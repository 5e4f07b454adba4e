import type { Outcome, RuleInput } from "../../../model/finding.ts";
import type { OsInfo } from "../../../model/image.ts";
import type { Prediction } from "../../../model/prediction.ts";
import { decisiveSpots } from "../../decisive.ts";

/** What to change so that the rule passes; empty when there is nothing to do. */
export function remedyFor({ os, prediction }: RuleInput, outcome: Outcome): string {
  switch (outcome) {
    case "fail":
      return [kernelRemedy(os, prediction), ...weakerRemedies(prediction)].join(" ");
    case "unknown":
      return unknownRemedy(prediction);
    case "review":
      return (
        "Read the evidence and decide. To prefer IPv4 without disabling IPv6, as Microsoft recommends, set " +
        "HKLM\\SYSTEM\\CurrentControlSet\\Services\\Tcpip6\\Parameters\\DisabledComponents to 0x20 (REG_DWORD); " +
        "0xFF disables IPv6 except on the loopback."
      );
    case "pass":
    case "not-applicable":
      return "";
  }
}

/** `ipv6.disable=1` is the one setting that nothing at boot can take back; how it gets there varies. */
function kernelRemedy(os: OsInfo, prediction: Prediction): string {
  const ids = [os.id, ...os.like];
  const isLike = (...names: readonly string[]): boolean => ids.some((id) => names.includes(id));
  const loader = loaderOf(prediction);
  if (loader === "uki") {
    return "Add ipv6.disable=1 to /etc/kernel/cmdline and rebuild the unified kernel image.";
  }
  if (os.id === "flatcar") {
    return 'Add set linux_append="ipv6.disable=1" to /oem/grub.cfg.';
  }
  if (loader === "extlinux" || os.id === "alpine") {
    return "Add ipv6.disable=1 to the kernel options (Alpine: default_kernel_opts in /etc/update-extlinux.conf, then update-extlinux; elsewhere the APPEND line of extlinux.conf).";
  }
  if (loader === "grub-legacy") {
    return "Add ipv6.disable=1 to the kernel line of the default entry in menu.lst or grub.conf.";
  }
  if (isLike("suse", "opensuse", "sles")) {
    return "Add ipv6.disable=1 to GRUB_CMDLINE_LINUX in /etc/default/grub and run grub2-mkconfig -o /boot/grub2/grub.cfg.";
  }
  if (isLike("rhel", "fedora", "centos", "amzn")) {
    return "Add ipv6.disable=1 to GRUB_CMDLINE_LINUX in /etc/default/grub and run grubby --update-kernel=ALL --args=ipv6.disable=1.";
  }
  if (loader === "entries") {
    return "Add ipv6.disable=1 to the options of the boot entry and, for later kernels, to /etc/kernel/cmdline.";
  }
  if (isLike("debian", "ubuntu")) {
    return 'Add ipv6.disable=1 to GRUB_CMDLINE_LINUX and run update-grub; the line GRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX ipv6.disable=1" in /etc/default/grub.d/99-ipv6.cfg also survives the drop-ins that cloud images bring.';
  }
  return "Add ipv6.disable=1 to the kernel command line (GRUB: GRUB_CMDLINE_LINUX in /etc/default/grub) and regenerate the boot loader's configuration.";
}

function loaderOf(prediction: Prediction): "uki" | "extlinux" | "grub-legacy" | "entries" | undefined {
  const locators = prediction.steps.flatMap(({ evidence }) => evidence.map(({ locator }) => locator));
  const has = (pattern: RegExp): boolean => locators.some((locator) => pattern.test(locator));
  if (has(/\/EFI\/Linux\/[^/]*\.efi\b/i)) return "uki";
  if (has(/\/(?:extlinux|syslinux|isolinux)\.(?:conf|cfg)\b/)) return "extlinux";
  if (has(/\/grub\/(?:menu\.lst|grub\.conf)\b/)) return "grub-legacy";
  if (has(/\/loader\/entries\//)) return "entries";
  return undefined;
}

/** Why sysctl alone is not enough on this image, and what holds beside it when the stack has to stay. */
function weakerRemedies(prediction: Prediction): readonly string[] {
  const decisive = prediction.deciding.map(({ layer }) => layer);
  const files = prediction.deciding.flatMap(({ evidence }) => evidence.map(({ locator }) => locator));
  const is = (pattern: RegExp): boolean => decisive.some((layer) => pattern.test(layer));
  if (is(/netplan/) || files.some((locator) => locator.includes("/netplan/"))) {
    return [
      "A sysctl alone does not hold: netplan makes the network manager switch IPv6 back on for its interfaces.",
      "If the stack has to stay, set link-local: [] in netplan and net.ipv6.conf.all.disable_ipv6=1 in /etc/sysctl.d.",
    ];
  }
  if (is(/networkd/)) {
    return [
      "A sysctl alone does not hold: systemd-networkd writes disable_ipv6=0 to the interfaces it manages, after sysctl.",
      "If the stack has to stay, set LinkLocalAddressing=no in the .network file and net.ipv6.conf.all.disable_ipv6=1 in /etc/sysctl.d.",
    ];
  }
  if (is(/network-?manager|^nm$/i)) {
    return [
      "A sysctl alone does not hold: NetworkManager writes disable_ipv6=0 to the interfaces it manages, after sysctl.",
      "If the stack has to stay, give every connection profile ipv6.method=disabled.",
    ];
  }
  return [
    "net.ipv6.conf.all.disable_ipv6=1 in a file of /etc/sysctl.d is weaker: it holds only where no network manager (systemd-networkd, NetworkManager) takes the interface over.",
  ];
}

function unknownRemedy(prediction: Prediction): string {
  const [first, ...more] = decisiveSpots(prediction);
  const isOther = first?.layer === "system" || more.some(({ layer }) => layer === "system");
  const settle = isOther
    ? "Whatever this system says, another one may boot: an image with one system can be told."
    : "Putting ipv6.disable=1 on the kernel command line settles it.";
  if (first === undefined) return `Find out by hand what could not be told. ${settle}`;
  const others = more.length > 0 ? ` (and ${more.length} more blind spots)` : "";
  return `Check by hand: ${first.text.replace(/[.\s]+$/, "")}${others}. ${settle}`;
}
