/** A PE file with these sections, `padding` bytes of kernel in front of them when asked for. */
export function pe(sections: Readonly<Record<string, string>>, padding = 0): Uint8Array {
  return peOf(Object.entries(sections), padding);
}

export function peOf(sections: readonly (readonly [name: string, text: string])[], padding = 0): Uint8Array {
  const names = sections.map(([name]) => name);
  const data = sections.map(([, text]) => Buffer.from(text));
  const start = 1024 + padding;
  const bytes = Buffer.alloc(start + data.reduce((sum, one) => sum + one.length, 0));
  bytes.write("MZ");
  bytes.writeUInt32LE(0x80, 0x3c);
  bytes.write("PE\0\0", 0x80, "latin1");
  bytes.writeUInt16LE(names.length, 0x86);
  bytes.writeUInt16LE(0, 0x94);
  let at = start;
  for (const [index, name] of names.entries()) {
    const table = 0x98 + index * 40;
    const content = data[index] ?? Buffer.alloc(0);
    bytes.write(name, table, "latin1");
    bytes.writeUInt32LE(content.length, table + 8);
    bytes.writeUInt32LE(content.length, table + 16);
    bytes.writeUInt32LE(at, table + 20);
    content.copy(bytes, at);
    at += content.length;
  }
  return new Uint8Array(bytes);
}

/** A unified kernel image of Debian with this command line. */
export function unifiedImage(cmdline: string): Uint8Array {
  return pe({ ".linux": "kernel", ".uname": "6.1.0-18-cloud-amd64", ".cmdline": cmdline });
}
