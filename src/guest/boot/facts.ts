import type { BootFacts } from "../../model/boot.ts";
import type { BootFiles } from "./files.ts";
import type { LoaderAnswer, Start } from "./loader.ts";
import { sourceNotes } from "./sources.ts";

const NOTES_MAX = 8;
/** x86: COMMAND_LINE_SIZE of 2048 bytes with its end mark. */
const CMDLINE_MAX = 2047;
const ABOUT_IPV6 = /ipv6|inet6/i;

/** The answer as the rest of the house takes it. `looked`: what was looked for, when there was nothing. */
export function toFacts(answer: LoaderAnswer, files: BootFiles, looked: string): BootFacts {
  if (answer.state === "none")
    return nothing(`${answer.reason ?? "no boot loader configuration"}: looked for ${looked}`);
  if (answer.state === "unknown") {
    const seen = [...new Set(answer.candidates.map(({ entry, cmdline }) => `"${entry}" (${cmdline})`))];
    const candidates = seen.length === 0 ? "" : `; candidates: ${seen.slice(0, NOTES_MAX).join(", ")}`;
    return {
      ...nothing(`${answer.reason}${candidates}`),
      loader: answer.loader,
      cmdlineMayBe: [
        ...new Set([...answer.candidates.map(({ cmdline }) => cmdline), ...(answer.mayBe ?? [])]),
      ],
      ...sameKernel(answer.candidates, files),
    };
  }
  const { start, others, notes, loader, later } = answer;
  return {
    cmdline: start.cmdline,
    cmdlineEvidence: start.evidence,
    loader,
    entry: start.entry,
    ...kernelOf(start, files),
    nicNames: nicNames(start.cmdline),
    notes: [
      ...notes,
      ...lengthNote(start.cmdline),
      ...differing(start, others),
      ...sourceNotes(loader, start, others, files),
    ],
    ...(later === undefined ? {} : { later: toFacts(later, files, looked) }),
  };
}

function nothing(reason: string): BootFacts {
  return {
    cmdline: undefined,
    cmdlineEvidence: [],
    cmdlineUnknown: reason,
    kernelVersion: undefined,
    nicNames: [],
    notes: [],
  };
}

/** The kernel is still known when all candidates start the same one. */
function sameKernel(candidates: readonly Start[], files: BootFiles): Partial<BootFacts> {
  const [first, ...rest] = candidates;
  if (first?.kernelPath === undefined || rest.some((one) => one.kernelPath !== first.kernelPath)) return {};
  return kernelOf(first, files);
}

function kernelOf(start: Start, files: BootFiles): Pick<BootFacts, "kernelPath" | "kernelVersion"> {
  const { kernelPath, version } = start;
  if (kernelPath === undefined) return { kernelVersion: version };
  return { kernelPath, kernelVersion: versionOf(kernelPath) ?? versionOfLink(kernelPath, files) ?? version };
}

/** From `vmlinuz-V`, `kernel-V`, or kernel-install's `/TOKEN/V/linux`. */
function versionOf(path: string): string | undefined {
  const named = /\/(?:vmlinu[xz]|kernel|bzImage|Image|linux)-(?:genkernel-[a-z0-9_]+-)?([0-9]+\.[^/]*)$/.exec(
    path,
  )?.[1];
  return named ?? /\/([0-9]+\.[0-9][^/]*)\/(?:linux|vmlinuz|kernel)$/.exec(path)?.[1];
}

/** Debian's `/vmlinuz` and its like: a link that names the real file. */
function versionOfLink(path: string, files: BootFiles): string | undefined {
  for (const candidate of path.startsWith("/boot/") ? [path] : [`/boot${path}`, path]) {
    const target = files.linkTarget(candidate);
    if (target !== undefined) return versionOf(`/${target}`);
  }
  return undefined;
}

/** With `net.ifnames=0` the kernel's names stay, unless biosdevname gives others. */
function nicNames(cmdline: string): readonly string[] {
  const words = cmdline.split(/\s+/);
  return words.includes("net.ifnames=0") && !words.includes("biosdevname=1") ? ["eth0"] : [];
}

function lengthNote(cmdline: string): readonly string[] {
  if (Buffer.byteLength(cmdline) <= CMDLINE_MAX) return [];
  return [`the command line is longer than ${CMDLINE_MAX} bytes: an x86 kernel cuts it`];
}

/** Entries whose arguments about IPv6 are not those of the default one. */
function differing(start: Start, others: readonly Start[]): readonly string[] {
  const about = (cmdline: string): string =>
    cmdline
      .split(/\s+/)
      .filter((word) => ABOUT_IPV6.test(word))
      .join(" ");
  const own = about(start.cmdline);
  return others
    .filter((other) => about(other.cmdline) !== own)
    .slice(0, NOTES_MAX)
    .map(
      (other) =>
        `entry "${other.entry}" differs: it has ${about(other.cmdline) || "nothing"} where the default has ${own || "nothing"} about IPv6`,
    );
}
