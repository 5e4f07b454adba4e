import type { Evidence } from "./locator.ts";

/** What the boot-loader stage found out, as plain data: `guest` writes it, `ipv6` reads it. */
export interface BootFacts {
  /** The effective kernel command line, or undefined when it cannot be told. */
  readonly cmdline: string | undefined;
  /** Where the command line stands (file and line); empty when there is none. */
  readonly cmdlineEvidence: readonly Evidence[];
  /** Why `cmdline` is undefined, in one sentence that says what was looked for. */
  readonly cmdlineUnknown?: string;
  /** Where `cmdline` is undefined: lines, and parts of lines, that it may be, as far as they were found. */
  readonly cmdlineMayBe?: readonly string[];
  /**
   * The boot loader that was followed: `grub2`, `grub2-bls`, `systemd-boot`, `uki`, `extlinux`, `grub-legacy`, `raspberry`,
   * `u-boot`, `zipl`.
   */
  readonly loader?: string;
  /** Title or id of the entry that boots by default. */
  readonly entry?: string;
  /** Path of the kernel image as the boot loader names it (`/boot/vmlinuz-6.1.0-18-cloud-amd64`). */
  readonly kernelPath?: string;
  /** The kernel that boots (`6.1.0-18-cloud-amd64`), or undefined. */
  readonly kernelVersion: string | undefined;
  /** Names a NIC is sure or likely to have (`eth0`, `ens5`, `enp0s1`): from net.ifnames=0 and configuration. */
  readonly nicNames: readonly string[];
  /** What a reviewer should know: other entries that differ, a source file not yet applied. */
  readonly notes: readonly string[];
  /** The same from the next boot on, where the entry boots only once. */
  readonly later?: BootFacts;
}
