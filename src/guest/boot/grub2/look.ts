import { ESP_FOLDERS } from "../esp.ts";
import { type BootFiles, TextFile } from "../files.ts";
import type { LoaderAnswer } from "../loader.ts";
import { bootGrub, type Platform } from "./boot.ts";
import { DELICATE } from "./cmdline.ts";

/** Configuration files on the root or boot partition. */
export function lookGrub(paths: readonly string[], files: BootFiles): readonly LoaderAnswer[] {
  return paths.flatMap((path) => answer(files.text(path), files, ["efi", "pc"], false));
}

/** Configuration files on the EFI system partition: stubs that lead to /boot, or the whole thing. */
export function lookGrubOnEsp(files: BootFiles): readonly LoaderAnswer[] {
  return ESP_FOLDERS.flatMap((folder) => {
    const vendors = files.names(`${folder}/EFI`, { below: "grub.cfg" });
    if (vendors.state === "unreadable") return [unreadable(vendors.reason)];
    const names = vendors.state === "found" ? vendors.value : [];
    return [
      ...names.flatMap((name) => answer(files.text(`${folder}/EFI/${name}/grub.cfg`), files, ["efi"], true)),
      // Flatcar and its forefather keep theirs in an archive that GRUB has as its memory disk.
      ...["flatcar", "coreos"].flatMap((name) =>
        answer(tarred(`${folder}/${name}/grub/grub.cfg.tar`, files), files, ["efi", "pc"], true),
      ),
    ];
  });
}

/**
 * What GRUB in /boot starts, where its arguments about IPv6 are also those of the EFI system partition: on images of
 * Red Hat's family up to 8 and their like for either firmware, that has a whole configuration of its own. A stub there
 * leads to the same one. Other images are not asked: they are on either way.
 */
export function alsoOnEsp(usual: LoaderAnswer, files: BootFiles): LoaderAnswer {
  if (usual.state !== "boots" || !usual.loader.startsWith("grub2")) return usual;
  const { start } = usual;
  if (!ABOUT_IPV6.test(start.cmdline)) return usual;
  const others = lookGrubOnEsp(files).filter((one) => one.state !== "none");
  const other = others.find(
    (one) => one.state === "unknown" || delicate(one.start.cmdline) !== delicate(start.cmdline),
  );
  if (other === undefined) return usual;
  const own = other.state === "boots" ? [other.start] : other.candidates;
  const reason =
    other.state === "boots"
      ? "GRUB's configuration on the EFI system partition gives the kernel other arguments than that in /boot"
      : `what GRUB starts from the EFI system partition cannot be told: ${other.reason}`;
  const mayBe = other.state === "unknown" ? (other.mayBe ?? []) : [];
  return { state: "unknown", loader: usual.loader, reason, candidates: [start, ...own], mayBe };
}

const ABOUT_IPV6 = /ipv6|inet6/i;

function answer(
  found: ReturnType<BootFiles["text"]>,
  files: BootFiles,
  platforms: readonly Platform[],
  onEsp: boolean,
): readonly LoaderAnswer[] {
  if (found.state === "absent") return [];
  if (found.state === "unreadable") return [unreadable(found.reason)];
  const file = found.value;
  const [first, ...rest] = platforms.map((platform) => bootGrub(file, files, platform, onEsp));
  return first === undefined ? [] : [rest.reduce(onEither, first)];
}

/** One answer for machines with EFI and with BIOS firmware, when the difference cannot matter. */
function onEither(efi: LoaderAnswer, bios: LoaderAnswer): LoaderAnswer {
  if (efi.state !== "boots") return efi.state === "none" ? bios : efi;
  if (bios.state !== "boots") return bios.state === "none" ? efi : bios;
  const a = efi.start;
  const b = bios.start;
  const notes = [...new Set([...efi.notes, ...bios.notes])];
  const later = efi.later && bios.later ? onEither(efi.later, bios.later) : (efi.later ?? bios.later);
  const either = { ...efi, notes, ...(later === undefined ? {} : { later }) };
  if (a.cmdline === b.cmdline && a.kernelPath === b.kernelPath) return either;
  if (a.kernelPath !== b.kernelPath || delicate(a.cmdline) !== delicate(b.cmdline))
    return {
      state: "unknown",
      loader: efi.loader,
      reason: "EFI and BIOS machines start differently",
      candidates: [a, b],
    };
  return { ...either, notes: [...notes, `a BIOS machine gets the arguments: ${b.cmdline}`] };
}

function delicate(cmdline: string): string {
  return cmdline
    .split(/\s+/)
    .filter((word) => DELICATE.test(word))
    .join(" ");
}

function unreadable(reason: string): LoaderAnswer {
  return { state: "unknown", loader: "grub2", reason, candidates: [] };
}

/** The first member of a tar file (POSIX ustar: a 512-byte header, the size in octal at 124). */
function tarred(path: string, files: BootFiles): ReturnType<BootFiles["text"]> {
  const found = files.text(path);
  if (found.state !== "found") return found;
  const { text, locator } = found.value;
  const size = Number.parseInt(text.slice(124, 136), 8);
  const member = new TextFile(
    path.replace(/\.tar$/, ""),
    `${locator} > grub.cfg`,
    text.slice(512, 512 + (size || 0)),
  );
  return { ...found, value: member };
}
