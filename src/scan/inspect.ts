import type { DiskVolume } from "../disk/disk.ts";
import { bootEntry } from "../guest/boot/index.ts";
import { osRelease } from "../guest/os-release.ts";
import type { ImageRef } from "../model/image.ts";
import type { InspectedVolume, Inspection } from "../model/inspection.ts";
import { observe } from "../model/observations.ts";
import { examineView, type Opener, unreadVolumes, type View, type ViewOptions, withView } from "./view.ts";

/** Tells what lies in an image. Rejects with a ScanError only when there is no disk to be seen. */
export function inspect(image: ImageRef, open: Opener, options: ViewOptions): Promise<Inspection> {
  return withView(image, open, { ...options, repeatable: true }, inspectView);
}

async function inspectView(view: View): Promise<Inspection> {
  const { disk, image, cost } = view;
  const linux = await examineView(view, [osRelease, bootEntry]);
  const examined = linux ?? (await (await import("./windows.ts")).examineAsWindows(view));
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
    notes: [...view.notes, ...(examined?.notes ?? ["no operating system found"])],
    cost: { ...cost },
  };
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
