import type { Observations } from "../../model/observations.ts";
import type { BlindSpot } from "../../model/prediction.ts";
import { FIRST_BOOT } from "./wants.ts";

const LAYER = "windows-first-boot";
/** What a script or an answer file says when it has to do with IPv6. */
const ABOUT_IPV6 = /disabledcomponents|tcpip6|ipv6|netadapterbinding|teredo|isatap|6to4/i;
const LINES_MAX = 5;

/** What the first boot of an instance may still change: found by reading, not by running it. */
export function firstBootSpots(observations: Observations): readonly BlindSpot[] {
  return FIRST_BOOT.flatMap(([path, what]): readonly BlindSpot[] => {
    const file = observations.file(path);
    if (file.state === "absent") return [];
    const { locator } = file;
    if (file.state === "unreadable") {
      const text = `${what} (${path}) could not be read: ${file.reason}`;
      return [{ layer: LAYER, text, evidence: [{ locator }], decisive: true }];
    }
    const lines = linesAbout(decode(file.value.bytes));
    if (lines.length === 0) {
      const text = `${what} (${path}) takes effect at first boot; it says nothing about IPv6`;
      return [{ layer: LAYER, text, evidence: [{ locator }], decisive: file.value.truncated }];
    }
    return [
      {
        layer: LAYER,
        text: `${what} (${path}) speaks of IPv6: what it does at first boot is for a person to read`,
        evidence: lines.map(({ line, text }) => ({ locator, line, text })),
        decisive: true,
      },
    ];
  });
}

function linesAbout(text: string): readonly { readonly line: number; readonly text: string }[] {
  return text
    .split(/\r?\n/)
    .flatMap((one, index) =>
      ABOUT_IPV6.test(one.slice(0, 4096)) ? [{ line: index + 1, text: one.slice(0, 500) }] : [],
    )
    .slice(0, LINES_MAX);
}

/** Windows' own files are often UTF-16. */
function decode(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  return new TextDecoder().decode(bytes);
}
