/**
 * Unified kernel images: PE files whose sections hold a kernel and its command line. Sources:
 * https://uapi-group.org/specifications/specs/unified_kernel_image/ and Microsoft's PE format ("COFF File
 * Header", "Section Table").
 */
import { View } from "../../disk/bytes/view.ts";
import { isReadError } from "../../errors.ts";
import type { Evidence } from "../../model/locator.ts";
import type { BootFiles } from "./files.ts";

const HEAD_BYTES = 64 << 10;
/** `.cmdline` and its like lie in front of the kernel, or behind it in files of this size at most. */
const READ_MAX_BYTES = 32 << 20;
const SECTIONS_MAX = 96;
const TEXT_MAX_BYTES = 64 << 10;

export interface Uki {
  /** Undefined when the image leaves it to whoever starts it. */
  readonly cmdline: string | undefined;
  readonly kernelVersion: string | undefined;
  /** `.osrel` as text. */
  readonly osRelease: string;
  /** It has several `.profile` sections to choose from. */
  readonly hasProfiles: boolean;
  readonly isKernel: boolean;
  /** systemd-stub's version, where that was asked for and the image says it. */
  readonly stubVersion: number | undefined;
  readonly evidence: Evidence;
}

export type UkiLook =
  | { readonly state: "found"; readonly uki: Uki }
  | { readonly state: "absent" }
  | { readonly state: "unreadable"; readonly reason: string };

interface Section {
  readonly name: string;
  readonly offset: number;
  readonly length: number;
}

/** What systemd-stub calls itself. Source: systemd, stub.c. */
const MAGIC = ".sdmagic";

/** The image at `path`; `absent` also when it is no PE file. `asksStub`: what it starts with, which may lie deeper. */
export function lookUki(path: string, files: BootFiles, asksStub = false): UkiLook {
  const head = files.bytes(path, HEAD_BYTES);
  if (head.state !== "found") return head;
  try {
    const sections = readSections(new View(head.value.bytes, path));
    if (sections === undefined) return { state: "absent" };
    const { base, first, count } = profilesOf(sections);
    const wanted = [".cmdline", ".osrel", ".uname", ...(asksStub ? [MAGIC] : [])].flatMap(
      (name) => [...first, ...base].find((one) => one.name === name && one.length > 0) ?? [],
    );
    const end = Math.max(0, ...wanted.map((section) => section.offset + section.length));
    if (end > READ_MAX_BYTES)
      return { state: "unreadable", reason: `${path}: its command line lies too deep` };
    const body = end > head.value.bytes.length && head.value.truncated ? files.bytes(path, end) : head;
    if (body.state !== "found") return body;
    const view = new View(body.value.bytes, path);
    const text = (name: string): string | undefined => {
      const section = wanted.find((one) => one.name === name);
      if (section === undefined) return undefined;
      return Buffer.from(view.slice(section.offset, section.length)).toString("utf8").replace(/\0.*$/s, "");
    };
    const [, stub] = /systemd-stub (\d+)/.exec(text(MAGIC) ?? "") ?? [];
    return {
      state: "found",
      uki: {
        stubVersion: stub === undefined ? undefined : Number(stub),
        cmdline: text(".cmdline")
          ?.replace(/\p{Cc}/gu, " ")
          .trim(),
        kernelVersion: text(".uname")?.trim() || undefined,
        osRelease: text(".osrel") ?? "",
        hasProfiles: count > 1,
        isKernel: sections.some(({ name }) => name === ".linux"),
        evidence: { locator: head.locator },
      },
    };
  } catch (error) {
    if (!isReadError(error)) throw error;
    return { state: "unreadable", reason: error.line };
  }
}

/**
 * Sections of all profiles, and those of the first, which are put in place of them. The first is taken where nobody says
 * which. Source: the specification's "Multi-profile UKIs"; systemd, stub.c, find_sections.
 */
function profilesOf(sections: readonly Section[]): {
  readonly base: readonly Section[];
  readonly first: readonly Section[];
  readonly count: number;
} {
  const starts = sections.flatMap(({ name }, index) => (name === ".profile" ? [index] : []));
  const [from = sections.length, to] = starts;
  return { base: sections.slice(0, from), first: sections.slice(from, to), count: starts.length };
}

function readSections(view: View): readonly Section[] | undefined {
  if (!view.is(0, "MZ") || view.length < 0x40) return undefined;
  const header = view.u32le(0x3c);
  if (!view.is(header, "PE\0\0")) return undefined;
  const count = Math.min(view.u16le(header + 6), SECTIONS_MAX);
  const table = header + 24 + view.u16le(header + 20);
  return Array.from({ length: count }, (_, index) => {
    const at = table + index * 40;
    const virtualSize = view.u32le(at + 8);
    const size = view.u32le(at + 16);
    const length = virtualSize === 0 ? size : Math.min(size, virtualSize);
    return { name: view.ascii(at, 8), offset: view.u32le(at + 20), length: Math.min(length, TEXT_MAX_BYTES) };
  });
}
