/** One member of an archive: a folder has no content. */
export interface CpioEntry {
  readonly path: string;
  readonly mode: number;
  readonly content?: Uint8Array;
}

/** An initramfs in the "newc" format. Source: Documentation/driver-api/early-userspace/buffer-format.rst. */
export function cpio(entries: readonly CpioEntry[]): Uint8Array {
  const parts: Buffer[] = [];
  const all = [...entries, { path: "TRAILER!!!", mode: 0 }];
  for (const [index, { path, mode, content = new Uint8Array() }] of all.entries()) {
    const name = Buffer.from(`${path}\0`);
    const fields = [index + 1, mode, 0, 0, 1, 0, content.length, 0, 0, 0, 0, name.length, 0];
    const header = `070701${fields.map((one) => one.toString(16).padStart(8, "0")).join("")}`;
    parts.push(padded(Buffer.concat([Buffer.from(header), name])), padded(Buffer.from(content)));
  }
  return Buffer.concat(parts);
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
}
