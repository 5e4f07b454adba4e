import { DEBIAN_12, type FlatFiles, grubConfig } from "../support/machine.ts";
import { type Cells, truthTable } from "../support/truth-table.ts";
import { bls, grub, redHat, redHat7 } from "./distributions.ts";
import { ROOT, SET } from "./settings.ts";

/*
 * Images for BIOS and for EFI firmware. Red Hat's up to 8, CentOS 7 and Oracle Linux have a whole grub.cfg on the EFI
 * system partition beside that of /boot (Azure's and Oracle's images boot from it); later ones, Debian and SUSE a stub
 * that leads to /boot. Sources: grub2-mkconfig's users in anaconda; grub-install; Fedora, "Unify GRUB config".
 */

const UUID = "33333333-3333-4333-8333-333333333333";
const KERNEL = "3.10.0-1160.el7.x86_64";
const OFF = "ipv6.disable=1";
const ESP = "/boot/efi/EFI";
const centos: FlatFiles = { ...redHat7(), "/boot/grub2/grub.cfg": grub(KERNEL, OFF) };
const debian: FlatFiles = { ...DEBIAN_12, "/boot/grub/grub.cfg": grubConfig(OFF) };

function whole(args: string): string {
  return grub(KERNEL, args).replaceAll("linux16", "linuxefi").replaceAll("initrd16", "initrdefi");
}

function stub(folder: string): string {
  return `search --no-floppy --fs-uuid --set=dev ${UUID}\nset prefix=($dev)${folder}\nexport $prefix\nconfigfile $prefix/grub.cfg\n`;
}

const ROWS: readonly Cells[] = [
  ["no EFI system partition", centos, "off", "af_inet6.c"],
  [
    "off in /boot only",
    { ...centos, [`${ESP}/centos/grub.cfg`]: whole("") },
    "unknown",
    "the firmware of the instance tells",
  ],
  ["off in both", { ...centos, [`${ESP}/centos/grub.cfg`]: whole(OFF) }, "off", "af_inet6.c"],
  [
    "off for EFI only",
    { ...redHat7(), [`${ESP}/centos/grub.cfg`]: whole(OFF) },
    "on",
    "with BIOS firmware it is: the safe side",
  ],
  [
    "off in /boot only, and by sysctl",
    { ...centos, ...SET, [`${ESP}/centos/grub.cfg`]: whole("") },
    "off",
    "off either way",
  ],
  [
    "another argument",
    { ...centos, [`${ESP}/centos/grub.cfg`]: whole(`${OFF} noefi`) },
    "off",
    "off either way",
  ],
  [
    "a stub of Red Hat 9",
    { ...redHat("9.4"), ...bls(`${ROOT} ${OFF}`), [`${ESP}/redhat/grub.cfg`]: stub("/boot/grub2") },
    "off",
    "it leads to /boot",
  ],
  [
    "a stub of Red Hat 9 to a partition of its own",
    { ...redHat("9.4"), ...bls(`${ROOT} ${OFF}`), [`${ESP}/redhat/grub.cfg`]: stub("/grub2") },
    "off",
    "it leads to /boot",
  ],
  [
    "a stub of Debian",
    {
      ...debian,
      [`${ESP}/debian/grub.cfg`]: `search.fs_uuid ${UUID} root \nset prefix=($root)'/boot/grub'\nconfigfile $prefix/grub.cfg\n`,
    },
    "off",
    "it leads to /boot",
  ],
];

truthTable("either firmware", ROWS);
