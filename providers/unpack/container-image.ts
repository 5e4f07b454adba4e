import { createHash } from "node:crypto";
import type { ByteSource } from "../../src/disk/bytes/byte-source.ts";
import { quoteName } from "../../src/disk/bytes/names.ts";
import { isTar, layeredFileSystem } from "../../src/disk/filesystems/tar/index.ts";
import type { Tree } from "../../src/disk/filesystems/tree.ts";
import { corrupt, isReadError, limitReached, ScanError, unsupported } from "../../src/errors.ts";
import { packingOf, pieces } from "./decompress.ts";
import type { Held, Unpacker } from "./unpack.ts";

// Source: OCI Image Format Specification 1.1 (image layout, index, manifest); Docker Image Specification 1.2,
// "Combined Image JSON + Filesystem Changeset Format" for manifest.json.

const JSON_MAX_BYTES = 4 << 20;
const LAYERS_MAX = 512;
const INDEX_DEPTH_MAX = 4;
const PREFERRED = { os: "linux", architecture: "amd64" };

/** A layer: where it lies in the layout, and what its bytes have to add up to. */
interface LayerRef {
  readonly path: string;
  readonly sha256?: string;
}

interface Manifest {
  readonly layers: readonly LayerRef[];
  readonly notes: readonly string[];
}

const EVIDENCE =
  "an evidence bundle of sixray under another name: judge it with sixray evaluate, or name it *.sixray.tar.gz";

/**
 * The root file system of a container image in a layout (`docker save`, an OCI layout as archive or folder). Paths in
 * it are looked up in `tree` alone: no name leads out of the layout.
 * @throws corrupt, unsupported, limit
 */
export async function openContainerImage(
  tree: Tree,
  label: string,
  unpacked: Unpacker,
): Promise<Extract<Held, { kind: "files" }>> {
  const docker = await readJson(tree, "/manifest.json", label);
  const { layers, notes } =
    docker === undefined ? await ociManifest(tree, label) : dockerManifest(docker, label);
  if (layers.length === 0 || layers.length > LAYERS_MAX)
    throw unsupported(label, `container image of ${layers.length} layers`);
  const sources: ByteSource[] = [];
  for (const layer of layers) sources.push(await openLayer(tree, layer, label, unpacked));
  const fs = await layeredFileSystem(sources, label, []);
  return { kind: "files", fs, notes: [`container image of ${layers.length} layers`, ...notes] };
}

function dockerManifest(json: unknown, label: string): Manifest {
  // Bundles go by their name, and keep a file of this name, too.
  if (field(json, "bundleVersion") !== undefined) throw unsupported(label, EVIDENCE);
  const images = asList(json);
  const layers = asList(field(images[0], "Layers")).map((path) => ({ path: `/${asText(path, label)}` }));
  const more = images.length > 1 ? [`the first of ${images.length} images in it was looked at`] : [];
  return { layers, notes: more };
}

async function ociManifest(tree: Tree, label: string): Promise<Manifest> {
  const notes: string[] = [];
  let document = await readJson(tree, "/index.json", label);
  for (let depth = 0; depth < INDEX_DEPTH_MAX; depth++) {
    const manifests = field(document, "manifests");
    if (manifests === undefined) {
      const layers = asList(field(document, "layers")).map((layer) => layerRef(layer, label));
      return { layers, notes };
    }
    const chosen = chooseManifest(asList(manifests), notes);
    if (chosen === undefined) throw unsupported(label, "OCI index without an image for Linux");
    document = await readJson(tree, blobOf(chosen, label).path, label);
    if (document === undefined) throw corrupt(label, "OCI layout whose manifest is missing");
  }
  throw limitReached(label, "OCI indexes nest too deep");
}

/** Linux on amd64 where there is a choice; what else there was is told. */
function chooseManifest(manifests: readonly unknown[], notes: string[]): unknown {
  const images = manifests.filter((one) => field(field(one, "platform"), "os") !== "unknown");
  const chosen =
    images.find((one) => {
      const platform = field(one, "platform");
      return (
        field(platform, "os") === PREFERRED.os && field(platform, "architecture") === PREFERRED.architecture
      );
    }) ?? images[0];
  if (images.length > 1)
    notes.push(`one of ${images.length} images in it was looked at: ${platformOf(chosen)}`);
  return chosen;
}

function platformOf(manifest: unknown): string {
  const platform = field(manifest, "platform");
  const words = [field(platform, "os"), field(platform, "architecture")].filter(
    (one) => typeof one === "string",
  );
  return words.length > 0 ? quoteName(words.join("/")) : "the first";
}

function layerRef(layer: unknown, label: string): LayerRef {
  const type = field(layer, "mediaType");
  if (typeof type === "string" && /encrypted/.test(type))
    throw unsupported(label, "encrypted container layer");
  return blobOf(layer, label);
}

/** A descriptor's blob. Its digest becomes a path only when it is nothing but hexadecimal digits. */
function blobOf(descriptor: unknown, label: string): Required<LayerRef> {
  const digest = field(descriptor, "digest");
  const [, sha256] = /^sha256:([0-9a-f]{64})$/.exec(typeof digest === "string" ? digest : "") ?? [];
  if (sha256 === undefined) throw unsupported(label, "OCI descriptor whose digest is no sha256");
  return { path: `/blobs/sha256/${sha256}`, sha256 };
}

async function openLayer(
  tree: Tree,
  { path, sha256 }: LayerRef,
  label: string,
  unpacked: Unpacker,
): Promise<ByteSource> {
  const blob = await openFile(tree, path, label);
  if (!blob) throw corrupt(label, `layer ${quoteName(path)} is missing`);
  const packing = packingOf(await blob.read(0, Math.min(512, blob.size)));
  const layer = packing ? await unpacked(blob, packing, sha256) : await verified(blob, sha256);
  // A layer may hold nothing: two blocks of zeros.
  if (layer.size > 1024 && !(await isTar(layer)))
    throw unsupported(layer.label, "container layer that is no tar archive");
  return layer;
}

async function verified(blob: ByteSource, sha256: string | undefined): Promise<ByteSource> {
  if (sha256 === undefined) return blob;
  const hash = createHash("sha256");
  for await (const piece of pieces(blob, undefined)) hash.update(piece);
  if (hash.digest("hex") !== sha256) throw corrupt(blob.label, "SHA-256 is not what its name says");
  return blob;
}

/** The parsed file, undefined when there is none. @throws corrupt, limit */
async function readJson(tree: Tree, path: string, label: string): Promise<unknown> {
  const file = await openFile(tree, path, label);
  if (!file) return undefined;
  if (file.size > JSON_MAX_BYTES) throw limitReached(label, `${path} of ${file.size} bytes`);
  try {
    const parsed: unknown = JSON.parse(Buffer.from(await file.read(0, file.size)).toString("utf8"));
    return parsed;
  } catch (error) {
    if (isReadError(error)) throw error;
    throw corrupt(label, `${path} is no JSON`);
  }
}

async function openFile(tree: Tree, path: string, label: string): Promise<ByteSource | undefined> {
  const located = await tree.resolve(path);
  if (located.state === "absent") return undefined;
  if (located.state === "unreadable") throw located.error;
  if (located.node.type !== "file") throw corrupt(label, `${quoteName(path)} is no file`);
  return located.node.content();
}

function field(value: unknown, key: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
  const found: unknown = Reflect.get(value, key);
  return found;
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function asText(value: unknown, label: string): string {
  if (typeof value !== "string")
    throw new ScanError("corrupt", "manifest.json that names no layers", { at: [label] });
  return value;
}
