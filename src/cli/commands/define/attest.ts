import { policyOption, reviewOption } from "../../options.ts";
import type { Shell } from "../../shell.ts";

export function define(shell: Shell): void {
  shell.program
    .command("attest")
    .description("sign a report and the evidence bundles it was judged from")
    .argument("<report>", "a report that was stored as JSON")
    .argument("[bundle...]", "evidence bundles of its images, from sixray extract")
    .option(
      "-k, --key <file>",
      "sign with this private key (PEM; a passphrase comes from SIXRAY_KEY_PASSPHRASE)",
    )
    .option(
      "--keyless",
      "sign as the CI job that this runs in, through Sigstore; public for all to see",
      false,
    )
    .option("-o, --output <file>", "where to write it (default: <report>.sigstore.json)")
    .addOption(policyOption())
    .addOption(reviewOption())
    .option("--fulcio-url <url>", "another authority for certificates than Sigstore's public one")
    .option("--rekor-url <url>", "another transparency log than Sigstore's public one")
    .option("-q, --quiet", "say nothing on standard error", false)
    .addHelpText(
      "after",
      `
Every bundle is judged again first: what the evidence contradicts is not signed. The file is an in-toto test result
in a Sigstore bundle, as sixray verify, cosign and other tools read it.
Exit codes: 0 signed, 1 the evidence contradicts the report, 2 usage or configuration, 3 no signature to be had.

Examples:
  $ openssl genpkey -algorithm ed25519 -out key.pem
  $ sixray attest report.json evidence/*.sixray.tar.gz --key key.pem
  $ sixray attest report.json evidence/*.sixray.tar.gz --keyless        (in GitHub Actions, id-token: write)`,
    )
    .action(async (report, bundles, options) => {
      const { attestCommand } = await import("../attest.ts");
      shell.exit(await attestCommand(report, bundles, options, shell.terminal));
    });
}
