import { type Shell, TARGETS } from "../../shell.ts";
import { targetPath } from "../../target-path.ts";

export function define(shell: Shell): void {
  shell.program
    .command("ls")
    .description("list a folder in an image")
    .argument("<target>", TARGETS)
    .argument("[path]", "folder or file in the image, also as target:/path (default: /)")
    .option("-R, --recursive", "list everything below, too", false)
    .option("--json", "one JSON object a line: volume, path, type, size", false)
    .option("--registry <key>", "list a key of a Windows registry instead: HKLM\\SYSTEM\\Select")
    .option("--volume <name>", "a volume as inspect names it: whole, p1 (default: the assembled root)")
    .option("--with <file...>", "companion files the image needs")
    .addHelpText(
      "after",
      `
Examples:
  $ sixray ls debian-13.qcow2 /etc/sysctl.d
  $ sixray ls debian-13.qcow2 -R --json --volume p1
  $ sixray ls --registry 'HKLM\\SYSTEM\\CurrentControlSet\\Services' windows.vhdx`,
    )
    .action(async (word, second, options) => {
      const { registry } = options;
      if (registry !== undefined) {
        const { lsRegistryCommand } = await import("../registry.ts");
        const all = { ...shell.source(), ...options, registry };
        shell.exit(await lsRegistryCommand(word, all, shell.terminal, shell.providers));
        return;
      }
      const { target, path = "/" } =
        second === undefined ? targetPath(word, shell.providers) : { target: word, path: second };
      const { lsCommand } = await import("../ls.ts");
      shell.exit(
        await lsCommand(target, path, { ...shell.source(), ...options }, shell.terminal, shell.providers),
      );
    });
}
