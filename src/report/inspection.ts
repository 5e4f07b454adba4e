import type { InspectedVolume, Inspection } from "../model/inspection.ts";
import type { RenderOptions } from "../model/report.ts";
import { displayWidth, padEnd } from "./columns.ts";
import { escapeText } from "./escape.ts";
import { labelled } from "./labelled.ts";
import { columnsOf, painter } from "./style.ts";

/** What lies in an image: for a person who wonders why something could not be read. */
export function renderInspection(seen: Inspection, options: RenderOptions): string {
  const paint = painter(options);
  const layout = { columns: columnsOf(options), paint, labelWidth: 12 };
  const { image, container, table, boot, os, cost } = seen;
  const lines = [paint("bold", escapeText(image.id))];
  const tell = (label: string, texts: readonly string[]): void => {
    if (texts.length > 0) lines.push(...labelled(label, texts.map(escapeText), layout));
  };
  if (container) tell("container", [[container.name, ...container.details].join(", ")]);
  if (seen.diskSizeBytes !== undefined) tell("disk", [sizeText(seen.diskSizeBytes)]);
  if (table) tell("partitions", [`${table.scheme}, ${table.sectorSizeBytes}-byte sectors`, ...table.notes]);
  tell("system", [os ? `${os.name} (${os.id} ${os.version})`.replace(" )", ")") : "none found"]);
  tell(
    "mounts",
    seen.mounts.map(({ path, locator }) => `${path}  ${locator}`),
  );
  if (boot) {
    tell("boot loader", [boot.loader ?? "none found"]);
    tell("entry", boot.entry === undefined ? [] : [boot.entry]);
    tell("kernel", boot.kernelVersion === undefined ? [] : [boot.kernelVersion]);
    tell("arguments", [boot.cmdline ?? `unknown: ${boot.cmdlineUnknown ?? "no boot entry"}`]);
  }
  tell("notes", [...seen.notes, ...(boot?.notes ?? [])]);
  const requests = cost.requests === undefined ? "" : `, ${cost.requests} requests`;
  tell("cost", [
    `${cost.reads} reads, ${Math.ceil(cost.bytes / 1024)} KiB, ${cost.rounds} rounds${requests}`,
  ]);
  if (seen.volumes.length > 0) lines.push("", ...volumeTable(seen.volumes));
  return `${lines.join("\n")}\n`;
}

function volumeTable(volumes: readonly InspectedVolume[]): readonly string[] {
  const rows = [
    ["volume", "start", "size", "content", "label", "UUID", "about"],
    ...volumes.map((volume) => [
      volume.name,
      volume.partition ? sizeText(volume.partition.startBytes) : "",
      sizeText(volume.sizeBytes),
      volume.content,
      volume.fileSystem?.label || volume.partition?.label || "",
      volume.fileSystem?.uuid || volume.partition?.uuid || "",
      volume.unread === undefined ? aboutOf(volume) : `NOT READ: ${volume.unread}`,
    ]),
  ].map((row) => row.map(escapeText));
  const widths = rows.reduce<number[]>(
    (widest, row) => row.map((cell, at) => Math.max(widest[at] ?? 0, displayWidth(cell))),
    [],
  );
  return rows.map((row) =>
    row
      .map((cell, at) => padEnd(cell, widths[at] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

function aboutOf({ fileSystem, notes = [] }: InspectedVolume): string {
  if (!fileSystem) return notes.join("; ");
  return [
    ...notes,
    ...fileSystem.notes,
    ...(fileSystem.features.length > 0 ? [fileSystem.features.join(" ")] : []),
  ].join("; ");
}

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];

/** `10 GiB`, `124 MiB`, `512 B`: the largest unit that leaves a whole or short number. */
function sizeText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${Number(value.toFixed(value < 10 ? 1 : 0))} ${UNITS[unit] ?? ""}`;
}
