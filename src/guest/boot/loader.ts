import type { Evidence } from "../../model/locator.ts";
import type { BootFiles } from "./files.ts";

/** One way a machine can start: a kernel and its arguments. */
export interface Start {
  /** Title or id of the entry. */
  readonly entry: string;
  /** The kernel as the loader names it, without a device. Undefined when it cannot be told. */
  readonly kernelPath: string | undefined;
  /** The version when the entry itself says so (BLS `version`, UKI `.uname`). */
  readonly version?: string;
  /** The arguments as the kernel gets them. `BOOT_IMAGE=`, which GRUB and SYSLINUX add, is left out. */
  readonly cmdline: string;
  readonly evidence: readonly Evidence[];
}

/** What one kind of boot loader would do on this machine. */
export type LoaderAnswer =
  /** Not installed, or it has nothing to boot; the reason when there is more to say than that. */
  | { readonly state: "none"; readonly reason?: string }
  | {
      readonly state: "boots";
      /** As in `BootFacts.loader`. */
      readonly loader: string;
      readonly start: Start;
      /** The entries that do not boot by default. */
      readonly others: readonly Start[];
      readonly notes: readonly string[];
      /** What it does from the next boot on, where this is only for once. */
      readonly later?: LoaderAnswer;
    }
  /** It is there, and what it boots cannot be told. */
  | {
      readonly state: "unknown";
      readonly loader: string;
      readonly reason: string;
      readonly candidates: readonly Start[];
      /** Arguments that the kernel may get, beside those of the candidates. */
      readonly mayBe?: readonly string[];
    };

export interface BootLoader {
  readonly id: string;
  /** Pure: reads through `files`, which keeps note of what is still missing. */
  look(files: BootFiles): LoaderAnswer;
}

export const NOTHING: LoaderAnswer = { state: "none" };
