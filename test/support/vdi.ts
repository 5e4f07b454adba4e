/** A block of a crafted VDI: its bytes, or what the map says in their place. */
export type GuestBlock = Uint8Array | "hole" | "discarded";

export interface CraftedVdi {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly view: DataView;
  readonly map: number;
}

/** Header, block map, blocks. Source: VirtualBox, Storage/VDICore.h. */
export function craftVdi(blocks: readonly GuestBlock[], blockBytes = 4096): CraftedVdi {
  const stored = blocks.filter((block) => typeof block !== "string");
  const map = 512;
  const data = 1024;
  const bytes = new Uint8Array(data + stored.length * blockBytes);
  const view = new DataView(bytes.buffer);
  bytes.set(Buffer.from("<<< Oracle VM VirtualBox Disk Image >>>\n"));
  for (const [at, value] of [
    [64, 0xbeda107f],
    [68, 0x10001],
    [72, 400],
    [76, 1],
    [340, map],
    [344, data],
    [360, 512],
    [376, blockBytes],
    [384, blocks.length],
    [388, stored.length],
  ] as const)
    view.setUint32(at, value, true);
  view.setBigUint64(368, BigInt(blocks.length * blockBytes), true);
  let next = 0;
  for (const [i, block] of blocks.entries()) {
    if (typeof block === "string")
      view.setUint32(map + i * 4, block === "hole" ? 0xffff_ffff : 0xffff_fffe, true);
    else {
      bytes.set(block, data + next * blockBytes);
      view.setUint32(map + i * 4, next++, true);
    }
  }
  return { bytes, view, map };
}
