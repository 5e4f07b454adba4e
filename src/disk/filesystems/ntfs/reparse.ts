import { corrupt, type ScanError, unsupported } from "../../../errors.ts";
import { View } from "../../bytes/view.ts";
import { utf16 } from "./record.ts";

/** What a reparse point makes of a file. */
export type Reparse =
  | { readonly kind: "link"; readonly target: string }
  | { readonly kind: "packed"; readonly algorithm: number }
  /** `isLink`: it stands for something elsewhere (a name surrogate). */
  | { readonly kind: "refused"; readonly isLink: boolean; readonly error: ScanError };

/** Source: [MS-FSCC] section 2.1.2.1. */
const TAG = {
  mountPoint: 0xa0000003,
  symlink: 0xa000000c,
  wof: 0x80000017,
  linuxSymlink: 0xa000001d,
} as const;

/** What is behind these lies elsewhere, or in a form of its own. */
const REFUSED: ReadonlyMap<number, string> = new Map([
  [0x80000013, "data deduplication (chunks lie in System Volume Information)"],
  [0xc0000004, "hierarchical storage (HSM)"],
  [0x80000006, "hierarchical storage (HSM2)"],
  [0x80000008, "single-instance storage"],
  [0x80000009, "a WIM mount"],
  [0x8000001b, "an app execution alias"],
  [0x80000021, "a OneDrive placeholder"],
  [0x9000001c, "a projected file system"],
  [0x80000023, "a Unix socket"],
  [0x80000024, "a Linux FIFO"],
  [0x80000025, "a Linux character device"],
  [0x80000026, "a Linux block device"],
]);
const CLOUD_MASK = 0xffff0fff;
const CLOUD = 0x9000001a;
const NAME_SURROGATE = 0x20000000;
const WOF_PROVIDER_FILE = 2;
const SYMLINK_RELATIVE = 1;

export function parseReparse(bytes: Uint8Array, label: string): Reparse {
  const view = new View(bytes, `${label} > reparse point`);
  const tag = view.u32le(0);
  const data = view.sub(8, view.u16le(4));
  switch (tag) {
    case TAG.mountPoint:
      return link(path(data, 8), false, label);
    case TAG.symlink:
      return link(path(data, 12), (data.u32le(8) & SYMLINK_RELATIVE) !== 0, label);
    case TAG.linuxSymlink:
      return { kind: "link", target: new TextDecoder().decode(data.slice(4, data.length - 4)) };
    case TAG.wof:
      // [MS-FSCC] 2.1.2: WOF_EXTERNAL_INFO, then FILE_PROVIDER_EXTERNAL_INFO.
      if (data.u32le(4) !== WOF_PROVIDER_FILE)
        return refused(label, false, `content lies in a WIM file (WOF provider ${data.u32le(4)})`);
      return { kind: "packed", algorithm: data.u32le(12) };
  }
  const name = (tag & CLOUD_MASK) >>> 0 === CLOUD ? "a cloud file placeholder (OneDrive)" : REFUSED.get(tag);
  const isLink = (tag & NAME_SURROGATE) !== 0;
  return refused(
    label,
    isLink,
    `reparse point 0x${tag.toString(16)}${name === undefined ? "" : `: ${name}`}`,
  );
}

function refused(label: string, isLink: boolean, message: string): Reparse {
  return { kind: "refused", isLink, error: unsupported(label, message) };
}

/** The substitute name. Source: [MS-FSCC] sections 2.1.2.4 and 2.1.2.5. */
function path(data: View, buffer: number): string {
  const length = data.u16le(2);
  if (length % 2 !== 0) throw corrupt(data.label, `link of ${length} bytes`);
  return utf16(data, buffer + data.u16le(0), length / 2);
}

/** Drive C is taken for the volume itself: the one that Windows boots from has that name. */
function link(target: string, isRelative: boolean, label: string): Reparse {
  const slashed = target.replaceAll("\\", "/");
  if (isRelative) return { kind: "link", target: slashed };
  const inside = /^(?:\/\?\?|\/\/[?.])\/c:(?<path>\/.*)?$/i.exec(slashed);
  if (inside) return { kind: "link", target: inside.groups?.path ?? "/" };
  return refused(label, true, `leads out of this volume, to ${JSON.stringify(target)}`);
}
