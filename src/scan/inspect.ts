import type { DiskVolume } from "../disk/disk.ts";
import { isReadError } from "../errors.ts";
import { bootEntry } from "../guest/boot/index.ts";
import type { Examined } from "../guest/machine.ts";
import { osRelease } from "../guest/os-release.ts";
import type { ImageRef } from "../model/image.ts";
import type { InspectedVolume, Inspection } from "../model/inspection.ts";
import { observe } from "../model/observations.ts";
import {
  examineView,
  noOperatingSystem,
  type Opener,
  unreadVolumes,
  type View,
  type ViewOptions,
  withView,
} from "./view.ts";

/** Tells what lies in an image. Rejects with a ScanError only when there is no disk to be seen. */
export function inspect(image: ImageRef, open: Opener, options: ViewOptions): Promise<Inspection> {
  return withView(image, open, { ...options, repeatable: true }, inspectView);
}

async function inspectView(view: View): Promise<Inspection> {
  const { disk, image, cost } = view;
  const linux = await examineView(view, [osRelease, bootEntry]);
  const windowsSeen = linux ? undefined : await attempt(view);
  const whyNot = typeof windowsSeen === "string" ? windowsSeen : noneFound(view);
  const examined = linux ?? (typeof windowsSeen === "string" ? undefined : windowsSeen);
  const registry = examined?.snapshot.registry;
  const found = linux && observe(linux.snapshot);
  const windows = registry && (await import("../guest/windows/os.ts")).windowsVersion.read(registry);
  return {
    image,
    ...(disk
      ? {
          container: disk.container,
          diskSizeBytes: disk.source.size,
          ...(disk.table
            ? {
                table: {
                  scheme: disk.table.scheme,
                  sectorSizeBytes: disk.table.sectorSizeBytes,
                  notes: disk.table.notes,
                },
              }
            : {}),
        }
      : {}),
    volumes: disk?.volumes.map(inspectVolume) ?? [],
    ...(windows ? { os: windows } : {}),
    ...(found ? { os: osRelease.read(found), boot: bootEntry.read(found) } : {}),
    mounts: examined?.tree.mounts.map(({ path, locator }) => ({ path, locator })) ?? [],
    unread: disk ? unreadVolumes(disk, image.id) : [],
    notes: [...view.notes, ...(examined?.notes ?? [whyNot])],
    cost: { ...cost },
  };
}

/** Of a disk, what it holds is told beside. */
function noneFound(view: View): string {
  return view.disk ? "no operating system found" : noOperatingSystem(view).message;
}

/** The Windows, or in one line why the one that boots cannot be read: the volumes are there to be told all the same. */
async function attempt(view: View): Promise<Examined | string | undefined> {
  const { examineAsWindows } = await import("./windows.ts");
  try {
    return await examineAsWindows(view);
  } catch (error) {
    if (!isReadError(error)) throw error;
    return error.line;
  }
}

function inspectVolume({ name, partition, data, content, notes }: DiskVolume): InspectedVolume {
  return {
    name,
    locator: data.label,
    sizeBytes: data.size,
    ...(partition
      ? {
          partition: {
            number: partition.number,
            startBytes: partition.startBytes,
            type: partition.type,
            label: partition.label,
            uuid: partition.uuid,
          },
        }
      : {}),
    content: content.kind === "filesystem" ? content.fs.type : content.type,
    ...(content.kind === "filesystem"
      ? {
          fileSystem: {
            label: content.fs.label,
            uuid: content.fs.uuid,
            features: content.fs.features,
            notes: content.fs.notes,
          },
        }
      : {}),
    ...(notes && notes.length > 0 ? { notes } : {}),
    ...(content.kind === "unread" ? { unread: content.error.line } : {}),
  };
}
