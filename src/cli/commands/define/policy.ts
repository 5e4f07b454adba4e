import type { Shell } from "../../shell.ts";

export function define(shell: Shell): void {
  const policy = shell.program
    .command("policy")
    .description("policies: which rules an image is judged by, and what is waived");
  policy
    .command("list")
    .description("the policies that come with sixray")
    .action(async () => {
      const { policyListCommand } = await import("../policy.ts");
      shell.exit(await policyListCommand(shell.terminal));
    });
  policy
    .command("show")
    .description("print a policy whole, as a file that says the same")
    .argument("<name|file>", "a name that `sixray policy list` shows, or a file")
    .action(async (name) => {
      const { policyShowCommand } = await import("../policy.ts");
      shell.exit(await policyShowCommand(name, shell.terminal));
    });
  policy
    .command("init")
    .description("write a policy file to start from")
    .argument("[file]", "where to", "sixray-policy.yaml")
    .option("--extends <name>", "the policy that comes with sixray to build on", "os-extended-debian")
    .option("--force", "write over a file that is there", false)
    .action(async (file, options) => {
      const { policyInitCommand } = await import("../policy.ts");
      shell.exit(await policyInitCommand(file, options, shell.terminal));
    });
  policy
    .command("validate")
    .description("check policy files; problems are told with file, line and column")
    .argument("[file...]", "policy files", ["sixray-policy.yaml"])
    .action(async (files) => {
      const { policyValidateCommand } = await import("../policy.ts");
      shell.exit(await policyValidateCommand(files, shell.terminal));
    });
}
