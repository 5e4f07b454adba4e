import { DEBIAN_12, type FlatFiles } from "../support/machine.ts";
import { type Cells, truthTable } from "../support/truth-table.ts";
import { cmdline, MODULAR } from "./settings.ts";

function config(...lines: readonly string[]): FlatFiles {
  return { "/boot/config-6.1.0-18-cloud-amd64": `${[...lines, "CONFIG_IPV6=y"].join("\n")}\n` };
}

const BLACKLISTED: FlatFiles = { ...DEBIAN_12, ...cmdline("initcall_blacklist=inet6_init") };

/** Arguments whose effect depends on how the kernel was built. */
const OPTIONS: readonly Cells[] = [
  ["initcall_blacklist", BLACKLISTED, "off", "init/main.c, initcall_blacklisted; a booted 6.1"],
  [
    "initcall_blacklist, with KALLSYMS",
    { ...BLACKLISTED, ...config("CONFIG_KALLSYMS=y") },
    "off",
    "init/main.c, initcall_blacklisted",
  ],
  [
    "initcall_blacklist, without KALLSYMS",
    { ...BLACKLISTED, ...config("# CONFIG_KALLSYMS is not set") },
    "on",
    "init/main.c: initcall_blacklist requires CONFIG_KALLSYMS",
  ],
  [
    "initcall_blacklist of a module",
    { ...BLACKLISTED, ...MODULAR },
    "off",
    "kernel/module/main.c, do_init_module: do_one_initcall; a module loaded in a booted 6.1",
  ],
];

truthTable("arguments of the kernel", OPTIONS);
