import { failOnOption, policyOption, reviewOption, strictOption } from "../../options.ts";
import { type Shell, TARGETS } from "../../shell.ts";

export function define(shell: Shell): void {
  const fleet = shell.program
    .command("fleet")
    .description("thousands of images on many machines: a queue in Postgres that sixray worker takes from")
    .addHelpText(
      "after",
      `
The queue lies in the Postgres of DATABASE_URL, beside the ledger; without it in the embedded ledger.

Examples:
  $ export DATABASE_URL=postgres://sixray@db/fleet
  $ sixray fleet enqueue aws:us-east-1 --owner 136693071363 --latest 3
  $ sixray worker --concurrency 32        (on as many machines as you like)
  $ sixray fleet status --wait`,
    );
  fleet
    .command("enqueue")
    .description("start a run: its targets are listed and judged by the workers")
    .argument("[target...]", `instead of the file's: ${TARGETS}, or images of a cloud`)
    .option("--config <file>", "names targets and a policy", "sixray.yaml")
    .addOption(policyOption())
    .addOption(reviewOption())
    .addOption(failOnOption())
    .addOption(strictOption())
    .option("--rescan", "scan what is known, too", false)
    .option("--run <id>", "what the run is to be called; enqueued again under that name, it is the same run")
    .option("--wait", "until the run is finished; its exit code is this command's", false)
    .option("--json", "print JSON", false)
    .action(async (targets, options) => {
      const { fleetEnqueueCommand } = await import("../fleet.ts");
      shell.exit(
        await fleetEnqueueCommand(
          targets,
          { ...shell.source(), ...options },
          shell.terminal,
          shell.providers,
        ),
      );
    });
  fleet
    .command("status")
    .description("runs, queues, workers and dead letters")
    .argument("[run]", "only this one; the exit code is the run's, and 3 until it is finished")
    .option("--wait", "until the run, or every run, is finished", false)
    .option("--json", "print JSON", false)
    .action(async (run, options) => {
      const { fleetStatusCommand } = await import("../fleet.ts");
      shell.exit(await fleetStatusCommand(run, { ...shell.source(), ...options }, shell.terminal));
    });
  fleet
    .command("retry")
    .description("try again what failed for good, and what was drained")
    .argument("[run]", "only of this one")
    .option("--json", "print JSON", false)
    .action(async (run, options) => {
      const { fleetRetryCommand } = await import("../fleet.ts");
      shell.exit(await fleetRetryCommand(run, { ...shell.source(), ...options }, shell.terminal));
    });
  fleet
    .command("drain")
    .description("take back the jobs that wait; those that run may end, and the run is then incomplete")
    .argument("[run]", "only of this one")
    .option("--wait", "until nothing runs any more", false)
    .option("--json", "print JSON", false)
    .action(async (run, options) => {
      const { fleetDrainCommand } = await import("../fleet.ts");
      shell.exit(await fleetDrainCommand(run, { ...shell.source(), ...options }, shell.terminal));
    });
}
