/** GRUB 2: grub.cfg, grubenv, and the entries that `blscfg` adds. */
import type { BootFiles, TextFile } from "../files.ts";
import type { LoaderAnswer, Start } from "../loader.ts";
import { kernelArgs } from "./cmdline.ts";
import { Interpreter } from "./interpreter.ts";
import { ESP_DEVICE, GrubPaths } from "./paths.ts";
import type { MenuEntry, Outcome } from "./state.ts";
import { Undecidable } from "./undecidable.ts";

const OTHERS_MAX = 40;
const SUBMENUS_MAX = 4;

/** What GRUB was built for: the `grub_platform` variable. */
export type Platform = "efi" | "pc";

/** What GRUB does with this configuration file. */
export function bootGrub(file: TextFile, files: BootFiles, platform: Platform, onEsp: boolean): LoaderAnswer {
  const grub = new Interpreter(new GrubPaths(files));
  const answer = runGrub(grub, file, platform, onEsp);
  if (answer.state !== "boots" || !grub.once.isRead || !grub.once.isCleared) return answer;
  const next = new Interpreter(new GrubPaths(files), {}, true);
  return { ...answer, later: runGrub(next, file, platform, onEsp) };
}

function runGrub(grub: Interpreter, file: TextFile, platform: Platform, onEsp: boolean): LoaderAnswer {
  grub.preset("grub_platform", platform);
  grub.preset("grub_cpu", platform === "pc" ? "i386" : grub.unknowns.oneOf(["x86_64", "arm64"]));
  const folder = file.path.slice(0, file.path.lastIndexOf("/"));
  grub.preset("prefix", folder);
  grub.preset("root", onEsp ? ESP_DEVICE : "boot");
  grub.preset("boot", "boot");
  grub.preset("cmdpath", `(${ESP_DEVICE})${folder.replace(/^\/(?:boot\/efi|efi|boot)(?=\/)/, "")}`);
  let outcome: Outcome | undefined;
  try {
    outcome = grub.boot(file);
  } catch (error) {
    if (!(error instanceof Undecidable)) throw error;
    return { state: "unknown", loader: "grub2", reason: error.message, candidates: starts(grub) };
  }
  if (outcome === undefined)
    return {
      state: "none",
      reason: `${[`${file.path} has no entry to boot`, ...syntaxNotes(grub)].join("; ")}`,
    };
  const start = startOf(outcome, grub);
  const all = starts(grub);
  const loader = outcome.bls === undefined ? "grub2" : "grub2-bls";
  if ("reason" in start) return { state: "unknown", loader, ...start, candidates: all };
  const others = all.filter((other) => other.entry !== start.entry);
  return { state: "boots", loader, start, others, notes: notesOf(outcome, grub) };
}

interface Untold {
  readonly reason: string;
  readonly mayBe: readonly string[];
}

/** The kernel and its arguments, or why they cannot be told. */
function startOf(outcome: Outcome, grub: Interpreter): Start | Untold {
  const { loaded, entry, bls } = outcome;
  if (loaded.kind === "other") return { reason: loaded.what, mayBe: loaded.mayBe ?? [] };
  const args = kernelArgs(loaded.args, grub.unknowns);
  if (args.cmdline === undefined) return { reason: args.reason, mayBe: args.mayBe };
  const kernels = grub.unknowns.alternatives(loaded.kernel);
  return {
    entry: grub.unknowns.shown(entry),
    kernelPath: kernels?.length === 1 ? kernels[0] : undefined,
    ...(bls?.version === undefined ? {} : { version: bls.version }),
    cmdline: args.cmdline,
    evidence: loaded.evidence,
  };
}

function notesOf(outcome: Outcome, grub: Interpreter): readonly string[] {
  const notes = outcome.loaded.kind === "linux" ? kernelArgs(outcome.loaded.args, grub.unknowns).notes : [];
  return [...notes, ...syntaxNotes(grub)];
}

function syntaxNotes(grub: Interpreter): readonly string[] {
  const places = [...grub.syntaxErrors];
  return places.length === 0 ? [] : [`GRUB skips a syntax error in ${places.slice(0, 3).join(", ")}`];
}

/** What every entry of the menu would start, submenus included; those that cannot be told are left out. */
function starts(grub: Interpreter): readonly Start[] {
  const found: Start[] = [];
  const visit = (menu: readonly MenuEntry[], path: string, depth: number): void => {
    for (const entry of menu) {
      if (found.length >= OTHERS_MAX || depth > SUBMENUS_MAX) return;
      try {
        if (entry.submenu) visit(grub.entriesOf(entry), `${path}${entry.title}>`, depth + 1);
        else {
          const outcome = grub.tryEntry(entry, path);
          const start = outcome === undefined ? undefined : startOf(outcome, grub);
          if (start !== undefined && !("reason" in start)) found.push(start);
        }
      } catch (error) {
        if (!(error instanceof Undecidable)) throw error;
      }
    }
  };
  visit(grub.state.menu, "", 0);
  return found;
}
