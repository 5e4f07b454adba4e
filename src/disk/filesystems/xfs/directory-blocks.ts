/** Blocks of directories that do not fit their inode. Source: "Directories", sections on block, leaf and node form. */
import { corrupt } from "../../../errors.ts";
import { type BlockMap, complete, mappedBlocks, type Run } from "../../bytes/block-runs.ts";
import { View } from "../../bytes/view.ts";
import { DIRECTORY_DATA, DIRECTORY_INDEX, verifyBlock } from "./checksum.ts";
import { extentMap } from "./extents.ts";
import type { Inode } from "./inode.ts";
import type { XfsVolume } from "./volume.ts";

const TAIL_BYTES = 8;
const TAIL_ENTRY_BYTES = 8;

/** A checked block of entries, and where in it they lie. */
export interface DataBlock {
  /** Directory block number, from 0. */
  readonly number: number;
  readonly view: View;
  readonly from: number;
  readonly to: number;
}

/** Reads the blocks of one directory. Offsets and lengths are in directory blocks unless named otherwise. */
export class DirectoryReader {
  readonly blockBytes: number;
  readonly volume: XfsVolume;
  readonly inode: Inode;
  readonly #map: BlockMap;

  constructor(volume: XfsVolume, inode: Inode) {
    this.volume = volume;
    this.inode = inode;
    this.blockBytes = volume.superblock.blockBytes * volume.superblock.directoryBlocks;
    if (inode.realtime) throw this.wrong("is marked as real-time");
    this.#map = extentMap(volume, inode);
  }

  /** Directory blocks of entries, holes included. */
  get count(): number {
    const { sizeBytes } = this.inode;
    if (sizeBytes === 0 || sizeBytes % this.blockBytes !== 0)
      throw this.wrong(`${sizeBytes} bytes are not whole blocks`);
    return sizeBytes / this.blockBytes;
  }

  /** The blocks of entries `from .. to`, but for holes. */
  async data(from: number, to: number): Promise<readonly DataBlock[]> {
    const blocks = await this.#blocks(from, to);
    return blocks.map(({ number, view }) => this.#dataBlock(number, view));
  }

  /** The block of the index at file system block `logical` of the directory. */
  async index(logical: number): Promise<View> {
    const per = this.volume.superblock.directoryBlocks;
    const [block] = logical % per === 0 ? await this.#blocks(logical / per, logical / per + 1) : [];
    if (!block) throw this.wrong(`no index block at ${logical}`);
    const { view } = block;
    verifyBlock(view, this.volume.superblock, DIRECTORY_INDEX, {
      what: "directory index",
      inode: this.inode.number,
    });
    return view;
  }

  wrong(what: string, at?: number): Error {
    return corrupt(this.volume.label, `directory of inode ${this.inode.number}: ${what}`, at);
  }

  async #blocks(
    from: number,
    to: number,
  ): Promise<readonly { readonly number: number; readonly view: View }[]> {
    const per = this.volume.superblock.directoryBlocks;
    const runs = await this.#map(from * per, to * per);
    const found: { number: number; runs: Run[] }[] = [];
    let next = 0;
    for (let number = from; number < to; number++) {
      const parts: Run[] = [];
      const [start, end] = [number * per, (number + 1) * per];
      while ((runs[next]?.logical ?? end) + (runs[next]?.length ?? 0) <= start) next++;
      for (let i = next; (runs[i]?.logical ?? end) < end; i++) {
        const run = runs[i];
        if (run) parts.push(run);
      }
      if (parts.some((run) => run.unwritten)) throw this.wrong(`block ${number} was never written`);
      const holes = parts.filter((run) => run.physical === undefined).length;
      if (holes > 0 && parts.length > 1) throw this.wrong(`block ${number} has a hole`);
      if (holes === 0) found.push({ number, runs: parts });
    }
    return Promise.all(
      found.map(async ({ number, runs: parts }) => {
        const [first] = parts;
        const moved = number * per - (first?.logical ?? 0);
        const base = ((first?.physical ?? 0) + moved) * this.volume.superblock.blockBytes;
        const bytes =
          parts.length === 1
            ? await this.volume.source.read(base, this.blockBytes)
            : await this.#together(parts, number * this.blockBytes);
        return { number, view: new View(bytes, this.volume.label, base) };
      }),
    );
  }

  /** A block in several places. */
  #together(parts: readonly Run[], start: number): Promise<Uint8Array> {
    const { source, superblock, label } = this.volume;
    const map: BlockMap = async (from, to) => complete(parts, from, to);
    const blocks = { source, blockBytes: superblock.blockBytes, map };
    return mappedBlocks(blocks, start + this.blockBytes, label).read(start, this.blockBytes);
  }

  /** Section "Block Directories": the only block holds its index too, behind the entries. */
  #dataBlock(number: number, view: View): DataBlock {
    const v5 = this.volume.superblock.version === 5;
    const single = view.is(0, v5 ? "XDB3" : "XD2B");
    if (!single && !view.is(0, v5 ? "XDD3" : "XD2D"))
      throw this.wrong("block of entries with a bad magic", view.base);
    verifyBlock(view, this.volume.superblock, DIRECTORY_DATA, {
      what: "directory block",
      inode: this.inode.number,
    });
    const from = v5 ? 64 : 16;
    if (!single) return { number, view, from, to: view.length };
    if (number !== 0 || this.count !== 1) throw this.wrong("one of several blocks is a sole one", view.base);
    const tail = view.length - TAIL_BYTES;
    const to = tail - view.u32be(tail) * TAIL_ENTRY_BYTES;
    if (to < from) throw this.wrong(`${view.u32be(tail)} names in its block`, view.base);
    return { number, view, from, to };
  }
}
