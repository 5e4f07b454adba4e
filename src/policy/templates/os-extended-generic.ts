import type { Template } from "../policy.ts";

/**
 * For the Linux systems that the boot model covers and that are neither of Debian's nor of the RPM family.
 * It also stands in for every system that no template fits; that verdict is then `review`.
 */
export const osExtendedGeneric: Template = {
  id: "os-extended-generic",
  title: "OS extended: other Linux",
  description: "Images of other Linux distributions, and of systems sixray does not know (always a review).",
  type: "linux",
  fits: ["alpine", "arch", "flatcar", "postmarketos"],
  sections: { "System Configuration": [{ use: "disable-ipv6-interfaces" }] },
};
