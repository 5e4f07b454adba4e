import type { ByteSource } from "./byte-source.ts";

/** One on-disk format among several that may lie in the same bytes; the first whose probe says yes opens. */
export interface Format<T> {
  /** The field's name for it: `qcow2`, `gpt`, `ext4`, `luks`. */
  readonly name: string;
  /**
   * True when the bytes carry this format's signature. Reads little (the first 4 KiB, the last 512 B),
   * never throws for content, and does not say that opening will succeed.
   */
  probe(source: ByteSource): Promise<boolean>;
  /** Opens it, or rejects with a ScanError that names layer and offset. */
  open(source: ByteSource): Promise<T>;
}

/** A disk in a container (qcow2, VMDK, ...): what it holds, and what is worth telling about how. */
export interface Container {
  readonly disk: ByteSource;
  /** Short facts for `inspect`: `["cluster 65536", "compression zstd"]`. */
  readonly details: readonly string[];
}

/** Options that a user, never an image, gives for opening a container. */
export interface Companions {
  /** Files the user named beside the image (backing files, extents), by their base name. */
  readonly byName: ReadonlyMap<string, ByteSource>;
}

/** A container reader: it may be given the files that the user named beside the image. */
export interface ContainerFormat extends Format<Container> {
  open(source: ByteSource, companions?: Companions): Promise<Container>;
}

export interface Partition {
  /** 1-based position in table order; a GPT slot's index + 1, an MBR logical partition counts from 5. */
  readonly number: number;
  /** GPT partition name, empty for MBR. */
  readonly label: string;
  /** GPT type GUID (lower case) or MBR type as two hex digits. */
  readonly type: string;
  /** PARTUUID as Linux spells it (lower case), empty when the table has none. */
  readonly uuid: string;
  /** GPT attribute bits (UEFI 2.11, table 5.7); absent for MBR and when none is set. */
  readonly attributes?: bigint;
  /** MBR: marked to be booted from; present only then. */
  readonly isActive?: boolean;
  readonly startBytes: number;
  readonly data: ByteSource;
}

export interface PartitionTable {
  readonly scheme: "gpt" | "mbr";
  /** What the disk is called by: its GUID, or eight hex digits of its MBR signature; both in lower case. */
  readonly diskId: string;
  readonly sectorSizeBytes: number;
  readonly partitions: readonly Partition[];
  /** What was odd but survivable: a bad primary header, a backup used, an entry outside the disk. */
  readonly notes: readonly string[];
}
