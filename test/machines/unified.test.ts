import { DEBIAN_12, type FlatFiles } from "../support/machine.ts";
import { type Cells, truthTable } from "../support/truth-table.ts";
import { unifiedImage } from "../support/unified-image.ts";
import { SET, without } from "./settings.ts";

const OFF: FlatFiles = { ...DEBIAN_12, ...SET };
const TYPE_1: FlatFiles = {
  ...without(OFF, "/boot/grub"),
  "/efi/loader/loader.conf": "",
  "/efi/loader/entries/a.conf": "linux /vmlinuz-6.1.0-18-cloud-amd64\noptions quiet\n",
};
const UKI = "/efi/EFI/Linux/debian+3.efi";
const UNIFIED: FlatFiles = { ...without(OFF, "/boot/grub"), [UKI]: unifiedImage("quiet") };

truthTable("what lies beside a unified kernel image", [
  ["nothing", UNIFIED, "off", "systemd-stub(7)"],
  ...(
    [
      ["/efi/loader/credentials/sysctl.extra.cred", "unknown"],
      ["/efi/loader/credentials/NETWORK.CRED", "off"],
      ["/efi/loader/credentials/network.network.10-own.cred", "unknown"],
      ["/efi/loader/credentials/ssh.authorized_keys.root.cred", "off"],
      ["/efi/loader/credentials/sysctl.extra", "off"],
      [`${UKI}.extra.d/tmpfiles.extra.cred`, "unknown"],
      ["/efi/EFI/Linux/debian.efi.extra.d/systemd.extra-unit.own.service.cred", "unknown"],
      ["/efi/EFI/Linux/debian.efi.extra.d/own.sysext.raw", "unknown"],
      ["/efi/EFI/Linux/other.efi.extra.d/sysctl.extra.cred", "off"],
      ["/efi/loader/extensions/own.confext.raw", "unknown"],
    ] as const
  ).map(([path, state]): Cells => [path, { ...UNIFIED, [path]: "" }, state, "systemd-stub(7)"]),
  [
    "of several, none that must be it",
    {
      ...UNIFIED,
      "/efi/loader/loader.conf": "preferred other*\n",
      "/efi/EFI/Linux/other.efi": unifiedImage("quiet splash"),
      "/efi/EFI/Linux/other.efi.extra.d/sysctl.extra.cred": "",
    },
    "unknown",
    "loader.conf(5)",
  ],
  ["with a kernel of its own, nothing", TYPE_1, "off", "Boot Loader Specification, type 1"],
]);
