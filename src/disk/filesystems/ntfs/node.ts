import { corrupt, type ScanError } from "../../../errors.ts";
import { type ByteSource, memorySource } from "../../bytes/byte-source.ts";
import { View } from "../../bytes/view.ts";
import type { DirEntry, FsNode, NodeType } from "../driver.ts";
import { Directory } from "./directory.ts";
import { packedSource } from "./packed.ts";
import { type MftRecord, TYPE, utf16 } from "./record.ts";
import { parseReparse, type Reparse } from "./reparse.ts";
import type { UpCase } from "./upcase.ts";
import type { NtfsVolume, Stream } from "./volume.ts";

const ATTRIBUTE = { system: 0x4, reparse: 0x400, folder: 0x10000000 } as const;
const WOF_STREAM = "WofCompressedData";
const INTERIX_LINK = "IntxLNK\u0001";
const INTERIX_MAX_BYTES = 8 + 2 * 4096;

/** What all nodes of a volume share. */
export interface NtfsContext {
  readonly volume: NtfsVolume;
  readonly upcase: () => Promise<UpCase>;
}

export class NtfsNode implements FsNode {
  readonly id: string;
  readonly type: NodeType;
  readonly sizeBytes: number;
  readonly #context: NtfsContext;
  readonly #record: MftRecord;
  readonly #data: Stream | undefined;
  readonly #reparse: Reparse | undefined;
  #directory: Promise<Directory> | undefined;

  private constructor(
    context: NtfsContext,
    record: MftRecord,
    data: Stream | undefined,
    reparse: Reparse | undefined,
  ) {
    this.id = String(record.number);
    this.#context = context;
    this.#record = record;
    this.#data = data;
    this.#reparse = reparse;
    // A mount point to elsewhere is a link that cannot be followed, not an empty folder.
    const isLink = reparse?.kind === "link" || (reparse?.kind === "refused" && reparse.isLink);
    this.type = isLink ? "symlink" : record.isDirectory ? "directory" : "file";
    this.sizeBytes = reparse?.kind === "link" ? Buffer.byteLength(reparse.target) : (data?.sizeBytes ?? 0);
  }

  static async open(context: NtfsContext, number: number, sequence?: number): Promise<NtfsNode> {
    const { volume } = context;
    const record = await volume.record(number, sequence);
    const flags = await fileFlags(volume, record);
    const data = record.isDirectory ? undefined : await volume.stream(record, TYPE.data);
    const point =
      (flags & ATTRIBUTE.reparse) !== 0 ? await volume.stream(record, TYPE.reparsePoint) : undefined;
    const reparse = point
      ? parseReparse(await whole(volume, point), record.label)
      : (flags & ATTRIBUTE.system) !== 0 && data
        ? await interixLink(volume, data)
        : undefined;
    return new NtfsNode(context, record, data, reparse);
  }

  async lookup(name: string): Promise<FsNode | undefined> {
    const [directory, upcase] = await Promise.all([this.#open(), this.#context.upcase()]);
    const found = await directory.find(name, upcase);
    return found && NtfsNode.open(this.#context, found.record, found.sequence);
  }

  async list(): Promise<readonly DirEntry[]> {
    const directory = await this.#open();
    return (await directory.names()).map(({ name, record, sequence, fileFlags: flags }) => ({
      name,
      // Whether these are links only their own record tells.
      ...((flags & (ATTRIBUTE.reparse | ATTRIBUTE.system)) === 0
        ? { type: (flags & ATTRIBUTE.folder) !== 0 ? ("directory" as const) : ("file" as const) }
        : {}),
      open: () => NtfsNode.open(this.#context, record, sequence),
    }));
  }

  async readLink(): Promise<string> {
    if (this.#reparse?.kind === "link") return this.#reparse.target;
    throw this.#refusal() ?? corrupt(this.#record.label, `is a ${this.type}, not a symlink`);
  }

  async content(): Promise<ByteSource> {
    const { volume } = this.#context;
    if (this.type !== "file") throw corrupt(this.#record.label, `is a ${this.type}, not a file`);
    const refusal = this.#refusal();
    if (refusal) throw refusal;
    if (!this.#data) return memorySource(new Uint8Array(), this.#record.label);
    if (this.#reparse?.kind !== "packed") return volume.content(this.#data);
    const packed = await volume.stream(this.#record, TYPE.data, WOF_STREAM);
    if (!packed) throw corrupt(this.#record.label, `packed file without its stream ${WOF_STREAM}`);
    return packedSource(volume.content(packed), this.#data.sizeBytes, this.#reparse.algorithm);
  }

  #refusal(): ScanError | undefined {
    return this.#reparse?.kind === "refused" ? this.#reparse.error : undefined;
  }

  #open(): Promise<Directory> {
    if (this.type !== "directory")
      return Promise.reject(
        this.#refusal() ?? corrupt(this.#record.label, `is a ${this.type}, not a folder`),
      );
    this.#directory ??= Directory.open(this.#context.volume, this.#record);
    return this.#directory;
  }
}

async function fileFlags(volume: NtfsVolume, record: MftRecord): Promise<number> {
  const standard = await volume.stream(record, TYPE.standardInformation);
  return standard?.value ? new View(standard.value, standard.label).u32le(0x20) : 0;
}

const REPARSE_MAX_BYTES = 16 << 10; // [MS-FSCC] 2.1.2

async function whole(volume: NtfsVolume, stream: Stream): Promise<Uint8Array> {
  if (stream.sizeBytes > REPARSE_MAX_BYTES)
    throw corrupt(stream.label, `reparse point of ${stream.sizeBytes} bytes`);
  return volume.content(stream).read(0, stream.sizeBytes);
}

/** Services for Unix, and ntfs-3g, keep symbolic links in system files. Source: ntfs-3g(8), "special_files". */
async function interixLink(volume: NtfsVolume, data: Stream): Promise<Reparse | undefined> {
  if (data.sizeBytes <= INTERIX_LINK.length || data.sizeBytes > INTERIX_MAX_BYTES || data.flags !== 0)
    return undefined;
  const view = new View(await volume.content(data).read(0, data.sizeBytes), data.label);
  if (!view.is(0, INTERIX_LINK)) return undefined;
  return { kind: "link", target: utf16(view, INTERIX_LINK.length, (view.length - INTERIX_LINK.length) >> 1) };
}
