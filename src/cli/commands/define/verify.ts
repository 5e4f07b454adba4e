import { policyOption, reviewOption } from "../../options.ts";
import type { Shell } from "../../shell.ts";

export function define(shell: Shell): void {
  shell.program
    .command("verify")
    .description(
      "check who signed a report, that nothing was changed, and that its evidence says the same; offline",
    )
    .argument("<report>", "the report that was signed")
    .argument("<attestation>", "what sixray attest wrote")
    .argument("[bundle...]", "the evidence bundles of its images")
    .option("-k, --key <file>", "the signer's public key (PEM)")
    .option("--certificate-identity <name>", "who is to have signed keyless, to the letter")
    .option("--certificate-oidc-issuer <url>", "who vouches for that identity")
    .option(
      "--trusted-root <file>",
      "which authorities and logs to believe (default: Sigstore's public ones, as installed)",
    )
    .option("--allow-missing-bundles", "only warn of images that no bundle is of", false)
    .addOption(policyOption())
    .addOption(reviewOption())
    .option("--json", "one JSON object instead of text", false)
    .addHelpText(
      "after",
      `
Exit codes:
  0  verified          2  usage or configuration
  1  refused           3  incomplete: an image's evidence was not given

Examples:
  $ sixray verify report.json report.sigstore.json evidence/*.sixray.tar.gz --key public.pem
  $ sixray verify report.json report.sigstore.json evidence/*.sixray.tar.gz \\
      --certificate-oidc-issuer https://token.actions.githubusercontent.com \\
      --certificate-identity https://github.com/me/images/.github/workflows/scan.yml@refs/heads/main`,
    )
    .action(async (report, attestation, bundles, options) => {
      const { verifyCommand } = await import("../verify.ts");
      shell.exit(await verifyCommand({ report, attestation, bundles }, options, shell.terminal));
    });
}
