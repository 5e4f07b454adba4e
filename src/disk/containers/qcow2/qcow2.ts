import { limitReached, unsupported } from "../../../errors.ts";
import type { ByteSource } from "../../bytes/byte-source.ts";
import { companionFile } from "../../bytes/companion.ts";
import type { Companions, Container, ContainerFormat } from "../../bytes/format.ts";
import { quoteName } from "../../bytes/names.ts";
import { has } from "../../bytes/signature.ts";
import { type Header, MAGIC, readHeader } from "./header.ts";
import { undeclaredFormat } from "./undeclared.ts";
import { virtualDisk } from "./virtual-disk.ts";

// Source: QEMU docs/interop/qcow2 (versions 2 and 3); where it is silent, QEMU's block/qcow2.c.
// Not read: refcounts, snapshots, bitmaps (none changes what the active disk holds).

const BACKING_DEPTH_MAX = 16;

export const qcow2: ContainerFormat = {
  name: "qcow2",
  probe: (source) => has(source, 0, MAGIC),
  open: (source, companions) => openLayer(source, companions, 0),
};

async function openLayer(
  source: ByteSource,
  companions: Companions | undefined,
  depth: number,
): Promise<Container> {
  const label = `${source.label} > qcow2`;
  if (depth > BACKING_DEPTH_MAX) throw limitReached(label, `more than ${BACKING_DEPTH_MAX} backing files`);
  const header = await readHeader(source, label);
  const data = header.externalData ? dataFile(header, companions, label) : source;
  const backing = await openBacking(header, companions, label, depth);
  return {
    disk: virtualDisk(header, { image: source, data, ...(backing ? { backing: backing.disk } : {}) }),
    details: [...detailsOf(header), ...(backing?.details ?? [])],
  };
}

function dataFile(header: Header, companions: Companions | undefined, label: string): ByteSource {
  const name = header.extensions.dataFileName;
  if (name === undefined) throw unsupported(label, "its external data file has no name");
  return companionFile(name, "external data file", companions, label);
}

async function openBacking(
  header: Header,
  companions: Companions | undefined,
  label: string,
  depth: number,
): Promise<Container | undefined> {
  if (header.backingName === undefined) return undefined;
  const source = companionFile(header.backingName, "backing file", companions, label);
  const declared = header.extensions.backingFormat;
  const format = declared ?? (await undeclaredFormat(source));
  if (format !== "raw" && format !== "qcow2") {
    const seen = declared === undefined ? ", by its content: the image does not say" : "";
    throw unsupported(
      label,
      `backing file of format ${quoteName(format)}${seen}: join them with qemu-img convert`,
    );
  }
  const layer = format === "qcow2" ? await openLayer(source, companions, depth + 1) : undefined;
  return { disk: layer?.disk ?? source, details: declared === undefined ? [guessed(format)] : [] };
}

function guessed(format: string): string {
  return `format of the backing file missing: ${format} by its content, as QEMU takes it`;
}

function detailsOf(header: Header): string[] {
  return [
    `version ${header.version}`,
    `cluster ${2 ** header.clusterBits}`,
    `compression ${header.compression}`,
    ...(header.extendedL2 ? ["extended L2"] : []),
    ...(header.lazyRefcounts ? ["lazy refcounts"] : []),
    ...(header.snapshots > 0 ? [`${header.snapshots} snapshots (ignored)`] : []),
    ...(header.externalData ? [`data file ${quoteName(header.extensions.dataFileName ?? "")}`] : []),
    ...(header.backingName === undefined ? [] : [`backing file ${quoteName(header.backingName)}`]),
    ...(header.dirty ? ["marked dirty: refcounts may be stale"] : []),
    ...(header.corrupt ? ["marked corrupt: its metadata may be damaged"] : []),
  ];
}
