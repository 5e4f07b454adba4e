/**
 * A "Linux kernel" of 1.5 KiB that writes its command line to the first serial port and ends the virtual
 * machine. Sources: Documentation/arch/x86/boot.rst of Linux (setup header, 32-bit boot protocol); the port
 * 0x501 is QEMU's isa-debug-exit.
 */
export function probeKernel(): Uint8Array {
  const image = new Uint8Array(3 * 512);
  const view = new DataView(image.buffer);
  image[0x1f1] = 1; // setup_sects
  view.setUint16(0x1fe, 0xaa55, true);
  view.setUint16(0x200, 0x62eb, true); // jump over the header
  image.set(Buffer.from("HdrS"), 0x202);
  view.setUint16(0x206, 0x020c, true); // protocol version
  image[0x211] = 1; // loaded high
  view.setUint32(0x214, 0x100000, true); // code32_start
  view.setUint32(0x22c, 0x7fffffff, true); // initrd_addr_max
  view.setUint32(0x230, 0x1000, true); // kernel_alignment
  image[0x234] = 1; // relocatable
  image[0x235] = 12; // min_alignment
  view.setUint32(0x238, 2047, true); // cmdline_size
  view.setBigUint64(0x258, 0x1000000n, true); // pref_address
  view.setUint32(0x260, 0x10000, true); // init_size
  image.set(CODE, 2 * 512);
  return image;
}

const CODE = [
  [0x8b, 0xb6, 0x28, 0x02, 0x00, 0x00], //       mov esi, [esi + 0x228]  (cmd_line_ptr)
  [0xac], //                               next: lodsb
  [0x88, 0xc4], //                               mov ah, al
  [0x66, 0xba, 0xfd, 0x03], //                   mov dx, 0x3fd
  [0xec], //                               wait: in al, dx
  [0xa8, 0x20], //                               test al, 0x20
  [0x74, 0xfb], //                               jz wait
  [0x88, 0xe0], //                               mov al, ah
  [0x66, 0xba, 0xf8, 0x03], //                   mov dx, 0x3f8
  [0xee], //                                     out dx, al
  [0x84, 0xe4], //                               test ah, ah
  [0x75, 0xe9], //                               jnz next
  [0x66, 0xba, 0x01, 0x05], //                   mov dx, 0x501
  [0xee], //                                     out dx, al
  [0xf4], //                                     hlt
].flat();
