import type { Unknowns } from "./unknowns.ts";

/** Arguments that reach the network stack, a module, or the first process: these must be known to the letter. */
export const DELICATE: RegExp =
  /ipv6|sysctl|blacklist|modprobe|^"?--$|^init=|^rdinit=|bootconfig|["']|net\.ifnames|biosdevname|systemd|initcall/;

export type KernelArgs =
  | { readonly cmdline: string; readonly reason?: undefined; readonly notes: readonly string[] }
  | {
      readonly cmdline: undefined;
      readonly reason: string;
      /** What the argument that cannot be told may be. */
      readonly mayBe: readonly string[];
      readonly notes: readonly string[];
    };

/**
 * The command line that `linux` makes of its arguments: an argument with a space gets double quotes, and
 * quotes and backslashes in it get a backslash (tried with GRUB 2.06). A parameter whose value only the
 * running machine knows is shown with `?`, unless it could matter.
 */
export function kernelArgs(args: readonly string[], unknowns: Unknowns): KernelArgs {
  const notes: string[] = [];
  const words: string[] = [];
  for (const arg of args) {
    const values = unknowns.alternatives(arg);
    const [only] = values ?? [];
    if (values?.length === 1 && only !== undefined) {
      words.push(escapeArgument(only));
      continue;
    }
    const shown = unknowns.shown(arg);
    const key = /^([^=]+)=/.exec(arg)?.[1];
    const keyKnown = key !== undefined && unknowns.alternatives(key)?.length === 1;
    const harmless =
      values === undefined
        ? keyKnown && !unknowns.splits(arg) && !DELICATE.test(`${key}=`)
        : values.every((value) => !DELICATE.test(value));
    if (!harmless)
      return {
        cmdline: undefined,
        reason: `the argument ${shown} depends on the running machine`,
        mayBe: values ?? [shown],
        notes: [],
      };
    notes.push(
      values === undefined
        ? `the value of ${key} is known only on the running machine`
        : `an argument depends on the machine: ${values.map((value) => value || "(none)").join(" or ")}`,
    );
    if (unknowns.splits(arg))
      words.push(
        ...shown
          .split(/\s+/)
          .filter((word) => word !== "")
          .map(escapeArgument),
      );
    else words.push(escapeArgument(shown));
  }
  return { cmdline: words.join(" "), notes };
}

function escapeArgument(arg: string): string {
  const escaped = arg.replace(/[\\'"]/g, "\\$&");
  return arg.includes(" ") ? `"${escaped}"` : escaped;
}
