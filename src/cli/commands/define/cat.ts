import { ScanError } from "../../../errors.ts";
import { type Shell, TARGETS } from "../../shell.ts";
import { targetPath } from "../../target-path.ts";

export function define(shell: Shell): void {
  shell.program
    .command("cat")
    .description("write one file of an image to standard output")
    .argument("<target>", TARGETS)
    .argument("[path]", "file in the image, also as target:/path; links are followed inside the image")
    .option("--registry <key>", "print a key's values, or one value, of a Windows registry instead")
    .option("--volume <name>", "a volume as inspect names it: whole, p1 (default: the assembled root)")
    .option("--with <file...>", "companion files the image needs")
    .addHelpText(
      "after",
      `
Examples:
  $ sixray cat debian-13.qcow2 /etc/os-release
  $ sixray cat debian-13.qcow2:/etc/os-release
  $ sixray cat --registry 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\Tcpip6\\Parameters' windows.vhdx`,
    )
    .action(async (word, second, options) => {
      const { registry } = options;
      if (registry !== undefined) {
        const { catRegistryCommand } = await import("../registry.ts");
        const all = { ...shell.source(), ...options, registry };
        shell.exit(await catRegistryCommand(word, all, shell.terminal, shell.providers));
        return;
      }
      const { target, path } =
        second === undefined ? targetPath(word, shell.providers) : { target: word, path: second };
      if (path === undefined)
        throw new ScanError("usage", "name a file in the image, or a key with --registry");
      const { catCommand } = await import("../cat.ts");
      shell.exit(
        await catCommand(target, path, { ...shell.source(), ...options }, shell.terminal, shell.providers),
      );
    });
}
