import type { Observation, Observations, ObservedFile } from "../../model/observations.ts";
import type { BlindSpot } from "../../model/prediction.ts";
import type { RegistrySnapshot } from "../../model/registry.ts";
import { FIRST_BOOT, fileOfAnswerPointer } from "./first-boot-files.ts";
import { KEYS } from "./keys.ts";
import { evidenceOf, valueIn } from "./read.ts";

const LAYER = "windows-first-boot";
/** What a script or an answer file says when it has to do with IPv6. */
const ABOUT_IPV6 = /disabledcomponents|tcpip6|ipv6|netadapterbinding|teredo|isatap|6to4|routerdiscovery/i;
const LINES_MAX = 5;

/** What the first boot of an instance may still change: found by reading, not by running it. */
export function firstBootSpots(observations: Observations, registry: RegistrySnapshot): readonly BlindSpot[] {
  return [
    ...answerPointerSpots(observations, registry),
    ...FIRST_BOOT.flatMap(({ path, what }) => spotsOf(observations.file(path), path, what)),
  ];
}

function answerPointerSpots(observations: Observations, registry: RegistrySnapshot): readonly BlindSpot[] {
  const seen = valueIn(registry, KEYS.setup, "UnattendFile");
  const evidence = [evidenceOf(seen)];
  const pointer = fileOfAnswerPointer(registry);
  if (!pointer) return [];
  const { named, path } = pointer;
  if (path === undefined) {
    const text = `Windows Setup is to take its answer file from ${named}, which is not on this volume`;
    return [{ layer: LAYER, text, evidence, decisive: true }];
  }
  if (FIRST_BOOT.some((one) => one.path.toLowerCase() === path.toLowerCase())) return [];
  const file = observations.file(path);
  if (file.state !== "absent") return spotsOf(file, path, "the answer file that the registry names");
  const text = `Windows Setup is to take its answer file from ${named}, which is not there`;
  return [{ layer: LAYER, text, evidence, decisive: false }];
}

function spotsOf(file: Observation<ObservedFile>, path: string, what: string): readonly BlindSpot[] {
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
}

function linesAbout(text: string): readonly { readonly line: number; readonly text: string }[] {
  return text
    .split(/\r?\n/)
    .flatMap((one, index) =>
      ABOUT_IPV6.test(one.slice(0, 4096)) ? [{ line: index + 1, text: one.slice(0, 500) }] : [],
    )
    .slice(0, LINES_MAX);
}

/** Windows' own files are often UTF-16; a policy's settings stand in brackets without lines. Source: MS-GPREG 2.2.1. */
function decode(bytes: Uint8Array): string {
  if (Buffer.from(bytes.subarray(0, 4)).toString("latin1") === "PReg")
    return new TextDecoder("utf-16le")
      .decode(bytes.subarray(8))
      .replaceAll("\0", "")
      .replaceAll("][", "]\n[");
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  return new TextDecoder().decode(bytes);
}
