import type { Template } from "../policy.ts";

export const osExtendedDebian: Template = {
  id: "os-extended-debian",
  title: "OS extended: Debian family",
  description: "Images of Debian, Ubuntu and what is built from them.",
  type: "linux",
  fits: [
    "debian",
    "ubuntu",
    "devuan",
    "elementary",
    "kali",
    "linuxmint",
    "neon",
    "parrot",
    "pop",
    "proxmox",
    "pureos",
    "raspbian",
    "zorin",
  ],
  sections: { "System Configuration": [{ use: "disable-ipv6-interfaces" }] },
};
