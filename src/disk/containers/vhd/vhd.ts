import { corrupt, limitReached } from "../../../errors.ts";
import type { ByteSource } from "../../bytes/byte-source.ts";
import { companionFile } from "../../bytes/companion.ts";
import type { Companions, Container, ContainerFormat } from "../../bytes/format.ts";
import { quoteName } from "../../bytes/names.ts";
import { has, peek } from "../../bytes/signature.ts";
import { slice } from "../../bytes/slice.ts";
import { View } from "../../bytes/view.ts";
import { dynamicDisk } from "./dynamic-disk.ts";
import { type DynamicHeader, readDynamicHeader } from "./dynamic-header.ts";
import { FOOTER_BYTES, FOOTER_MAGIC, type Footer, isSoundFooter, parseFooter } from "./footer.ts";

// Source: Microsoft, Virtual Hard Disk Image Format Specification 1.0 (2006).

const PARENT_DEPTH_MAX = 16;
/**
 * Every raw disk would pay for a look at its end, a whole block of whatever it lies on. Raw disks are mostly of
 * whole MiB, where a fixed VHD ends half a KiB past one; a disk of a whole MiB less one sector, which no writer
 * makes, would be read as raw with that sector more.
 */
const RAW_SIZE_BYTES = 1 << 20;

export const vhd: ContainerFormat = {
  name: "vhd",
  async probe(source) {
    if (await has(source, 0, FOOTER_MAGIC)) return true;
    if (source.size % RAW_SIZE_BYTES === 0) return false;
    const [, tail] = await ends(source);
    return tail?.is(0, FOOTER_MAGIC) === true;
  },
  open: async (source, companions) => (await openLayer(source, companions, 0)).container,
};

/** A disk with what its children check: its identifier. */
interface Layer {
  readonly container: Container;
  readonly uuid: string;
}

async function openLayer(
  source: ByteSource,
  companions: Companions | undefined,
  depth: number,
): Promise<Layer> {
  const label = `${source.label} > vhd`;
  if (depth > PARENT_DEPTH_MAX) throw limitReached(label, `more than ${PARENT_DEPTH_MAX} parents`);
  const { view, copies } = await findFooter(source, label);
  const footer = parseFooter(view);
  if (footer.kind === "fixed") {
    // A fixed disk ends where its footer begins, and a footer in front has nothing behind it.
    if (view.base < footer.sizeBytes)
      throw corrupt(
        label,
        `disk of ${footer.sizeBytes} bytes in a file of ${source.size}: is it complete?`,
        48,
      );
    const disk = slice(source, 0, footer.sizeBytes, label);
    return { container: { disk, details: detailsOf(footer, copies) }, uuid: footer.uuid };
  }
  const header = await readDynamicHeader(source, footer, label);
  const parent =
    footer.kind === "differencing" ? await openParent(header, companions, label, depth) : undefined;
  return {
    container: {
      disk: dynamicDisk(source, header, footer.sizeBytes, label, parent),
      details: detailsOf(footer, copies, header),
    },
    uuid: footer.uuid,
  };
}

/** The footer's copy in front, when there is one, and the footer itself: of 512 bytes, long ago of 511. */
async function ends(source: ByteSource): Promise<readonly [View | undefined, View | undefined]> {
  const { size } = source;
  const short = FOOTER_BYTES - 1;
  const [front, tail] = await Promise.all([
    peek(source, 0, FOOTER_BYTES),
    size >= FOOTER_BYTES ? source.read(size - FOOTER_BYTES, FOOTER_BYTES) : peek(source, size - short, short),
  ]);
  const whole = tail && new View(tail, source.label, size - tail.length);
  const ending =
    whole && !whole.is(0, FOOTER_MAGIC) && whole.is(1, FOOTER_MAGIC) ? whole.sub(1, short) : whole;
  return [front && new View(front, source.label), ending];
}

/** The first of both whose checksum holds: what crashes leave behind is one of them. */
async function findFooter(
  source: ByteSource,
  label: string,
): Promise<{ readonly view: View; readonly copies: "sound" | "one damaged" }> {
  const [front, tail] = await ends(source);
  const sound = [front, tail].filter((view) => view && isSoundFooter(view.bytes, label));
  const [view] = sound;
  if (!view) throw corrupt(label, "checksum of the footer does not match", tail?.base ?? 0);
  const dynamic = parseFooter(new View(view.bytes, label, view.base)).kind !== "fixed";
  return {
    view: new View(view.bytes, label, view.base),
    copies: dynamic && sound.length < 2 ? "one damaged" : "sound",
  };
}

async function openParent(
  header: DynamicHeader,
  companions: Companions | undefined,
  label: string,
  depth: number,
): Promise<ByteSource> {
  const source = companionFile(header.parentName, "parent disk", companions, label);
  const { container, uuid } = await openLayer(source, companions, depth + 1);
  if (uuid !== header.parentUuid)
    throw corrupt(
      label,
      `${quoteName(header.parentName)} is not its parent: the identifier is ${uuid}, not ${header.parentUuid}`,
    );
  return container.disk;
}

function detailsOf(footer: Footer, copies: string, header?: DynamicHeader): string[] {
  return [
    footer.kind,
    ...(header ? [`block ${header.blockBytes}`] : []),
    ...(footer.creator === "" ? [] : [`written by ${quoteName(footer.creator)}`]),
    ...(footer.sizeNote === undefined ? [] : [footer.sizeNote]),
    ...(footer.kind === "differencing" && header ? [`parent ${quoteName(header.parentName)}`] : []),
    ...(copies === "sound" ? [] : ["one of both footers is missing or corrupt"]),
    ...(footer.savedState ? ["saved state: memory of a running machine is not in it"] : []),
  ];
}
