import type { BootFacts } from "../../../model/boot.ts";
import type { Evidence } from "../../../model/locator.ts";
import type { Observations } from "../../../model/observations.ts";
import type { Firewall } from "../../../model/prediction.ts";
import type { Want } from "../../../model/snapshot.ts";
import type { Line, TextFile } from "../../lines.ts";
import { textFile } from "../../lines.ts";
import type { Answer } from "./ruleset.ts";

/** One program that loads rules at boot. */
export interface FirewallSource {
  readonly kind: Exclude<Firewall["kind"], "none" | "unknown">;
  /** Units that start it; one is enough. */
  readonly units: readonly string[];
  /** What it reads, once a unit starts it. */
  wants(observations: Observations, boot: BootFacts): readonly Want[];
  /** What it does to IPv6 on its way in; undefined when it turns out to do nothing at all. */
  answer(observations: Observations, boot: BootFacts): SourceAnswer;
}

export interface SourceAnswer extends Answer {
  /** It takes away what others loaded before. */
  readonly flushes?: boolean;
  /** The unit starts, and the program is told to do nothing. */
  readonly idle?: boolean;
}

export function unsure(why: string, evidence: readonly Evidence[]): SourceAnswer {
  return { filters: "unknown", why, evidence };
}

/** Why a file gives no answer, or undefined when it was read whole. */
export function unread(path: string, file: TextFile): SourceAnswer | undefined {
  if (file.state === "found")
    return file.truncated
      ? unsure(`only the head of ${path} was read`, [{ locator: file.locator }])
      : undefined;
  const why = file.state === "absent" ? `${path} is not there` : `${path} could not be read: ${file.reason}`;
  return unsure(why, [{ locator: file.locator }]);
}

/** A shell file's last `NAME=value`, with its line. Values with anything but plain words are undefined. */
export function shellValue(
  lines: readonly Line[],
  name: string,
): { readonly value: string | undefined; readonly line: Line } | undefined {
  const line = lines.findLast(({ text }) => new RegExp(`^\\s*(?:export\\s+)?${name}=`).test(text));
  if (!line) return undefined;
  const value = /=\s*(?:"([^"$`\\]*)"|'([^']*)'|([^\s"'$`\\;#]*))\s*(?:#.*)?$/.exec(line.text);
  return { value: value ? (value[1] ?? value[2] ?? value[3] ?? "") : undefined, line };
}

/** The first of the files that exists. */
export function firstFile(
  observations: Observations,
  paths: readonly string[],
): { readonly path: string; readonly file: TextFile } | undefined {
  for (const path of paths) {
    const file = textFile(observations, path);
    if (file.state !== "absent") return { path, file };
  }
  return undefined;
}
