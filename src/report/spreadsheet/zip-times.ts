/** ZIP as PKWARE's APPNOTE 6.3.10 describes it: 4.3.7 local file header, 4.3.12 central directory, 4.3.16 its end. */
const END_SIGNATURE = 0x06054b50;
const CENTRAL_SIGNATURE = 0x02014b50;
const LOCAL_SIGNATURE = 0x04034b50;
const END_BYTES = 22;
/** 1980-01-01 00:00, the earliest there is: time in the low half, date in the high one. */
const EARLIEST = 0x00210000;

/** Sets the times of all members to the earliest, in place, so that the same members give the same bytes. */
export function withoutTimes(zip: Uint8Array): Uint8Array {
  const view = new DataView(zip.buffer, zip.byteOffset, zip.byteLength);
  const end = zip.byteLength - END_BYTES;
  if (end < 0 || view.getUint32(end, true) !== END_SIGNATURE) throw new Error("a ZIP without its end record");
  const count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  for (let i = 0; i < count; i++) {
    if (view.getUint32(at, true) !== CENTRAL_SIGNATURE)
      throw new Error("a ZIP without its central directory");
    const local = view.getUint32(at + 42, true);
    if (view.getUint32(local, true) !== LOCAL_SIGNATURE) throw new Error("a ZIP without its local header");
    view.setUint32(at + 12, EARLIEST, true);
    view.setUint32(local + 10, EARLIEST, true);
    at += 46 + view.getUint16(at + 28, true) + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return zip;
}
