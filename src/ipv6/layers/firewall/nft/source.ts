import { compareBytes, type Observations } from "../../../../model/observations.ts";
import type { Want } from "../../../../model/snapshot.ts";
import { textFile } from "../../../lines.ts";
import { matchesPattern } from "../../../pattern.ts";
import { OWN_UNITS, VENDOR_UNITS } from "../../../unit-folders.ts";
import { judgeTables } from "../ruleset.ts";
import { type FirewallSource, firstFile, type SourceAnswer, shellValue, unsure } from "../source.ts";
import { NotUnderstood } from "./lexer.ts";
import { NftProgram } from "./program.ts";

const UNIT = "nftables.service";
/** The first that is there counts. */
const UNIT_FILES = [OWN_UNITS, VENDOR_UNITS, "/lib/systemd/system"].map((folder) => `${folder}/${UNIT}`);
/** OpenRC's: /etc/conf.d/nftables may name another file. */
const OPENRC_CONFIG = "/etc/conf.d/nftables";
/** Where distributions keep their rules, should the unit not tell. */
const USUAL = ["/etc/nftables.conf", "/etc/sysconfig/nftables.conf", "/etc/nftables.nft"];

/** nftables.service, which runs `nft -f FILE`. */
export const nftables: FirewallSource = {
  kind: "nftables",
  units: [UNIT],
  wants(observations, _boot): readonly Want[] {
    const asked = new Set<string>([...UNIT_FILES, OPENRC_CONFIG]);
    const units = [...asked].map((path): Want => ({ path }));
    const roots = rulesFiles(observations);
    if (roots === undefined) return [...units, ...USUAL.map((path): Want => ({ path }))];
    const program = new NftProgram(filesOf(observations, (path) => void asked.add(path)));
    attempt(() => runAll(program, roots));
    return [...asked].map((path): Want => ({ path }));
  },
  answer(observations, boot): SourceAnswer {
    const roots = rulesFiles(observations);
    if (!roots) return unsure("which file nftables.service loads could not be told", []);
    const program = new NftProgram(filesOf(observations, () => undefined));
    const failed = attempt(() => runAll(program, roots));
    if (failed) {
      const { at, message } = failed;
      const line = at.line.number > 0 ? { line: at.line.number, text: at.line.text } : {};
      return unsure(`the rules of nftables could not be followed: ${message}`, [
        { locator: at.locator, ...line },
      ]);
    }
    return { ...judgeTables(program.tables, boot.nicNames), flushes: program.flushes };
  },
};

function runAll(program: NftProgram, roots: readonly string[]): void {
  for (const path of roots) program.run(path);
  program.finish();
}

function attempt(run: () => void): NotUnderstood | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    if (error instanceof NotUnderstood) return error;
    throw error;
  }
}

/** The files of `nft -f`, from the unit's ExecStart lines; else OpenRC's; else the usual one that is there. */
function rulesFiles(observations: Observations): readonly string[] | undefined {
  const unit = firstFile(observations, UNIT_FILES);
  if (unit?.file.state === "found") {
    const found: string[] = [];
    for (const { text } of unit.file.lines) {
      const command = /^ExecStart=(.*)$/.exec(text.trim())?.[1];
      if (command === undefined) continue;
      if (command === "") found.length = 0;
      for (const [, path = ""] of command.matchAll(/(?:-f|--file)[ =]?(\/[^\s"';]+)/g)) found.push(path);
    }
    if (found.length > 0) return found;
  }
  const openrc = textFile(observations, OPENRC_CONFIG);
  const named =
    openrc.state === "found" ? shellValue(openrc.lines, "(?:rules_file|NFTABLES_SAVE)") : undefined;
  if (named?.value) return [named.value];
  const usual = firstFile(observations, USUAL);
  return usual && usual.file.state === "found" ? [usual.path] : undefined;
}

function filesOf(
  observations: Observations,
  ask: (path: string) => void,
): ConstructorParameters<typeof NftProgram>[0] {
  return {
    open(path) {
      ask(path);
      return textFile(observations, path);
    },
    expand(pattern) {
      ask(pattern);
      const slash = pattern.lastIndexOf("/");
      const folder = pattern.slice(0, slash) || "/";
      const last = pattern.slice(slash + 1);
      if (last === "" || /[*?[]/.test(folder) || /[[\]\\]/.test(last)) return undefined;
      const listed = observations.list(folder);
      if (listed.state === "absent") return [];
      if (listed.state === "unreadable") return undefined;
      return listed.value
        .filter(({ name }) => (last.startsWith(".") || !name.startsWith(".")) && matchesPattern(last, name))
        .map(({ name }) => `${folder === "/" ? "" : folder}/${name}`)
        .toSorted(compareBytes);
    },
  };
}
