import { Command, Option } from "@commander-js/extra-typings";
import { CommanderError } from "commander";
import type { ProviderEntry } from "../../providers/contract.ts";
import { ScanError } from "../errors.ts";
import { EXIT, FAILABLE } from "./exit.ts";
import type { Terminal } from "./terminal.ts";
import { VERSION } from "./version.ts";

const EXIT_CODES = `
Exit codes:
  0  all pass          2  usage or configuration
  1  something flagged 3  incomplete: something could not be read or judged`;

const TARGETS =
  "image file, archive, container image, quoted glob, URL, or folder that holds a root file system";

/** Runs one command line; resolves to the exit code. Rejects for aborts and bugs. */
export async function main(
  argv: readonly string[],
  terminal: Terminal,
  providers: readonly ProviderEntry[],
): Promise<number> {
  let code: number = EXIT.pass;
  const program = new Command("sixray")
    .description("X-ray for cloud base images: will a machine booted from this image speak IPv6?")
    .version(VERSION, "-V, --version")
    .configureOutput({
      writeOut: (text) => void terminal.out(text),
      writeErr: (text) => terminal.err(text),
      getOutHasColors: () => terminal.color,
    })
    .option("--max-spool <size>", "most that a compressed image may unpack to (default: 64G)")
    .option("--download", "fetch remote images whole: for servers without ranges")
    .option("--digest <sha256>", "what the image should have: sha256:… or sha512:…")
    .option("--verify-digest", "fetch remote images whole and check their digest")
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError("(--help shows what there is)")
    .exitOverride();

  program
    .command("scan")
    .description("judge images: will they come up speaking IPv6?")
    .argument("[target...]", TARGETS)
    .addOption(
      new Option("-f, --format <format>", "what to print")
        .choices(["text", "json", "ndjson"] as const)
        .default("text" as const),
    )
    .option("-o, --output <file>", "write the report to a file instead of standard output")
    .option(
      "--policy <name|file>",
      "judge by this policy: a name (sixray policy list) or a file (default: the one that fits the operating system)",
    )
    .option("--config <file>", "a file that names targets and a policy: sixray.yaml")
    .option("--review <file...>", "what people decided about images for review (sixray review sign)")
    .option(
      "--with <file...>",
      "files an image consists of or stands on, never opened by its word alone: VMDK extents, a backing file, a parent disk",
    )
    .addOption(
      new Option(
        "--fail-on <verdicts>",
        `which verdicts fail the run: ${FAILABLE.join(",")}, or never`,
      ).default(FAILABLE.join(",")),
    )
    .option("--strict", "exit 3 for an incomplete run even when something is flagged", false)
    .option("-j, --jobs <n>", "images at a time", "4")
    .option("-q, --quiet", "no progress on standard error", false)
    .addHelpText(
      "after",
      `${EXIT_CODES}

Examples:
  $ sixray scan debian-13.qcow2
  $ sixray scan https://example.org/debian-13.qcow2
  $ sixray scan 'images/*.qcow2' rootfs/ --format json -o report.json
  $ sixray scan machine.vmdk --with machine-s00?.vmdk
  $ sixray scan snapshot.vhdx --with base.vhdx`,
    )
    .action(async (targets, options) => {
      const { scanCommand } = await import("./commands/scan.ts");
      code = await scanCommand(targets, { ...options, ...program.opts() }, terminal, providers);
    });

  program
    .command("explain")
    .description("the whole decision, layer by layer, with file and line; or what a rule asks and why")
    .argument("<target|rule>", `${TARGETS}; or the id of a rule`)
    .option("--policy <name|file>", "judge by this policy")
    .option("--with <file...>", "companion files the image needs")
    .addHelpText(
      "after",
      `
Examples:
  $ sixray explain debian-13.qcow2
  $ sixray explain disable-ipv6-interfaces`,
    )
    .action(async (target, options) => {
      const { explainCommand } = await import("./commands/explain.ts");
      code = await explainCommand(target, { ...options, ...program.opts() }, terminal, providers);
    });

  program
    .command("inspect")
    .description("partitions, file systems, operating system, boot entry; what was not readable and why")
    .argument("<target>", TARGETS)
    .option("--json", "print JSON", false)
    .option("--with <file...>", "companion files the image needs")
    .addHelpText(
      "after",
      `
Examples:
  $ sixray inspect debian-13.qcow2
  $ sixray inspect --json debian-13.qcow2`,
    )
    .action(async (target, options) => {
      const { inspectCommand } = await import("./commands/inspect.ts");
      code = await inspectCommand(target, { ...options, ...program.opts() }, terminal, providers);
    });

  program
    .command("list")
    .description("what a source offers, newest first, without reading it")
    .argument("<source>", "list of checksums (SHA256SUMS), simplestreams index, folder URL, quoted glob")
    .option("--json", "one JSON object a line", false)
    .addHelpText(
      "after",
      `
Examples:
  $ sixray list https://cloud.debian.org/images/cloud/trixie/latest/
  $ sixray list https://cloud-images.ubuntu.com/releases/streams/v1/index.json --json`,
    )
    .action(async (source, options) => {
      const { listCommand } = await import("./commands/list.ts");
      code = await listCommand(source, { ...options, ...program.opts() }, terminal, providers);
    });

  program
    .command("ls")
    .description("list a folder in an image")
    .argument("<target>", TARGETS)
    .argument("[path]", "folder or file in the image", "/")
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
    .action(async (target, path, options) => {
      const { registry } = options;
      if (registry !== undefined) {
        const { lsRegistryCommand } = await import("./commands/registry.ts");
        const all = { ...options, ...program.opts(), registry };
        code = await lsRegistryCommand(target, all, terminal, providers);
        return;
      }
      const { lsCommand } = await import("./commands/ls.ts");
      code = await lsCommand(target, path, { ...options, ...program.opts() }, terminal, providers);
    });

  program
    .command("cat")
    .description("write one file of an image to standard output")
    .argument("<target>", TARGETS)
    .argument("[path]", "file in the image; links are followed inside the image")
    .option("--registry <key>", "print a key's values, or one value, of a Windows registry instead")
    .option("--volume <name>", "a volume as inspect names it: whole, p1 (default: the assembled root)")
    .option("--with <file...>", "companion files the image needs")
    .addHelpText(
      "after",
      `
Examples:
  $ sixray cat debian-13.qcow2 /etc/os-release
  $ sixray cat --registry 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\Tcpip6\\Parameters' windows.vhdx`,
    )
    .action(async (target, path, options) => {
      const { registry } = options;
      if (registry !== undefined) {
        const { catRegistryCommand } = await import("./commands/registry.ts");
        const all = { ...options, ...program.opts(), registry };
        code = await catRegistryCommand(target, all, terminal, providers);
        return;
      }
      if (path === undefined)
        throw new ScanError("usage", "name a file in the image, or a key with --registry");
      const { catCommand } = await import("./commands/cat.ts");
      code = await catCommand(target, path, { ...options, ...program.opts() }, terminal, providers);
    });

  const review = program
    .command("review")
    .description("what a person decided about an image that is for review");
  review
    .command("sign")
    .description("look at an image once more and record the decision, bound to the evidence it was made on")
    .requiredOption("--image <target>", TARGETS)
    .requiredOption("--by <name>", "who decided")
    .addOption(
      new Option("--result <result>", "the decision")
        .choices(["accepted", "rejected"] as const)
        .makeOptionMandatory(),
    )
    .requiredOption("--note <text>", "why")
    .option("--expires <day>", "the last day it holds, in UTC: 2027-03-31 (default: in a year)")
    .option("-o, --output <file>", "where to write it (default: <family>.review.json)")
    .option("--force", "write over a file that is there", false)
    .option("--with <file...>", "companion files the image needs")
    .addHelpText(
      "after",
      `
Examples:
  $ sixray review sign --image win2022.vhdx --by 'Ada L.' --result accepted --note 'IPv4 is preferred'
  $ sixray scan win2022.vhdx --review win2022.review.json`,
    )
    .action(async (options) => {
      const { reviewSignCommand } = await import("./commands/review.ts");
      code = await reviewSignCommand({ ...options, ...program.opts() }, terminal, providers);
    });

  const policy = program
    .command("policy")
    .description("policies: which rules an image is judged by, and what is waived");
  policy
    .command("list")
    .description("the policies that come with sixray")
    .action(async () => {
      const { policyListCommand } = await import("./commands/policy.ts");
      code = await policyListCommand(terminal);
    });
  policy
    .command("show")
    .description("print a policy whole, as a file that says the same")
    .argument("<name|file>", "a name that `sixray policy list` shows, or a file")
    .action(async (name) => {
      const { policyShowCommand } = await import("./commands/policy.ts");
      code = await policyShowCommand(name, terminal);
    });
  policy
    .command("init")
    .description("write a policy file to start from")
    .argument("[file]", "where to", "sixray-policy.yaml")
    .option("--extends <name>", "the policy that comes with sixray to build on", "os-extended-debian")
    .option("--force", "write over a file that is there", false)
    .action(async (file, options) => {
      const { policyInitCommand } = await import("./commands/policy.ts");
      code = await policyInitCommand(file, options, terminal);
    });
  policy
    .command("validate")
    .description("check policy files; problems are told with file, line and column")
    .argument("[file...]", "policy files", ["sixray-policy.yaml"])
    .action(async (files) => {
      const { policyValidateCommand } = await import("./commands/policy.ts");
      code = await policyValidateCommand(files, terminal);
    });

  program
    .command("rules")
    .description("the rules there are, or one in full: what it asks, why, its options and controls")
    .argument("[id]", "id of a rule")
    .action(async (id) => {
      const { rulesCommand } = await import("./commands/rules.ts");
      code = await rulesCommand(id, terminal);
    });

  try {
    await program.parseAsync(argv, { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.pass : EXIT.usage;
    if (error instanceof ScanError) {
      const { escapeText } = await import("../report/escape.ts");
      terminal.err(`sixray: ${escapeText(error.line)}\n`);
      return error.code === "usage" ? EXIT.usage : EXIT.incomplete;
    }
    throw error;
  }
}
