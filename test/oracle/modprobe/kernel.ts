import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../support/images.ts";

export const KERNEL = "9.9.9";
const FOLDER = "kernel/net/ipv6";

const IPV6 = String.raw`static const char a[] __attribute__((section(".modinfo"),used)) =
  "license=GPL\0alias=net-pf-10\0name=ipv6\0vermagic=9.9.9\0depends=";
extern int ipv6_sym;
const char names[] __attribute__((section("__ksymtab_strings"),used)) = "ipv6_sym";
int __ksymtab_ipv6_sym __attribute__((section("__ksymtab"))) = 0;`;
const DEPENDENT = String.raw`static const char a[] __attribute__((section(".modinfo"),used)) =
  "license=GPL\0name=ip6dep\0vermagic=9.9.9\0depends=ipv6";
extern int ipv6_sym; int *p = &ipv6_sym;`;

/** A modules folder below `root`: ipv6, with its alias, and ip6dep, which depends on it. Needs gcc and depmod. */
export function makeModules(root: string): void {
  const modules = join(root, "lib/modules", KERNEL);
  mkdirSync(join(modules, FOLDER), { recursive: true });
  for (const [name, source] of [
    ["ipv6", IPV6],
    ["ip6dep", DEPENDENT],
  ] as const)
    run("gcc", ["-x", "c", "-c", "-o", join(modules, FOLDER, `${name}.ko`), "-"], { input: source });
  for (const name of ["modules.order", "modules.builtin", "modules.builtin.modinfo"])
    writeFileSync(join(modules, name), "");
  run("depmod", ["-b", root, KERNEL]);
}
