import { type Command, Option } from "@commander-js/extra-typings";
import type { SourceOptions } from "./provider-context.ts";

/**
 * Adds the options of every command that reaches images; they stand on the program, so that they may stand anywhere
 * on the line. Returns what reads them, once the line is parsed.
 */
export function addSourceOptions(
  program: Command,
): () => SourceOptions & { readonly state?: string | undefined } {
  const extended = program
    .optionsGroup("How images are reached:")
    .option("--max-spool <size>", "most that a compressed image may unpack to (default: 64G)")
    .option("--download", "fetch remote images whole: for servers without ranges")
    .option("--digest <sha256>", "what the image should have: sha256:… or sha512:…")
    .option(
      "--verify-digest",
      "fetch remote images whole and check their digest; check an OVA's disk against its manifest",
    )
    .optionsGroup("Which images of a cloud:")
    .addOption(new Option("--owner <id>", "who publishes them; may be given again").argParser(collect))
    .addOption(new Option("--name <pattern>", "names, with * and ?; may be given again").argParser(collect))
    .option("--arch <arch>", "amd64 or arm64")
    .option("--latest <n>", "at most n of each family, the newest")
    .option("--deprecated", "those that are deprecated, too")
    .option("--account <name>", "profile, subscription or project to ask as")
    .optionsGroup("What may be made in a cloud on the way (default: nothing):")
    .option(
      "--allow-create",
      "temporary copies, removed at the end; sixray sweep removes what a killed run left",
    )
    .option("--allow-boot", "start a machine from the image, which marks the evidence")
    .option("--max-rung <id>", "try no way beyond this one (sixray doctor names them)")
    .option("--state <folder>", "where sixray keeps what it must not forget (default: SIXRAY_STATE)")
    .optionsGroup("Options:");
  return () => extended.opts();
}

function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}
