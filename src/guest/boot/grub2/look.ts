import { ESP_FOLDERS } from "../esp.ts";
import { type BootFiles, TextFile } from "../files.ts";
import type { LoaderAnswer } from "../loader.ts";
import { bootGrub } from "./index.ts";

/** Configuration files on the root or boot partition. */
export function lookGrub(paths: readonly string[], files: BootFiles): readonly LoaderAnswer[] {
  return paths.flatMap((path) => answer(files.text(path), files, false));
}

/** Configuration files on the EFI system partition: stubs that lead to /boot, or the whole thing. */
export function lookGrubOnEsp(files: BootFiles): readonly LoaderAnswer[] {
  return ESP_FOLDERS.flatMap((folder) => {
    const vendors = files.names(`${folder}/EFI`, { below: "grub.cfg" });
    if (vendors.state === "unreadable") return [unreadable(vendors.reason)];
    const names = vendors.state === "found" ? vendors.value : [];
    return [
      ...names.flatMap((name) => answer(files.text(`${folder}/EFI/${name}/grub.cfg`), files, true)),
      // Flatcar and its forefather keep theirs in an archive that GRUB has as its memory disk.
      ...["flatcar", "coreos"].flatMap((name) =>
        answer(tarred(`${folder}/${name}/grub/grub.cfg.tar`, files), files, true),
      ),
    ];
  });
}

function answer(
  found: ReturnType<BootFiles["text"]>,
  files: BootFiles,
  onEsp: boolean,
): readonly LoaderAnswer[] {
  if (found.state === "absent") return [];
  return [found.state === "found" ? bootGrub(found.value, files, onEsp) : unreadable(found.reason)];
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
