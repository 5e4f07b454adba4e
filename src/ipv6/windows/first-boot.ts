import { createHash } from "node:crypto";
import type { Evidence } from "../../model/locator.ts";
import type { Observations } from "../../model/observations.ts";
import type { BlindSpot } from "../../model/prediction.ts";
import { type RegistrySnapshot, registryPath } from "../../model/registry.ts";
import { speaks } from "./commands.ts";
import { fileOfAnswerPointer, HIBERNATION, isSealed, namedAnswerFile, TASK } from "./first-boot-files.ts";
import { namedFolders, runFolders } from "./folders.ts";
import { KEYS } from "./keys.ts";
import { leadsIn } from "./leads.ts";
import { evidenceOf, unreadIn, valueIn } from "./read.ts";
import { FOLDER, logonCommands, RUN_KEYS, scriptsOfCommands, setupCommand } from "./run-keys.ts";
import { type Lost, type Script, scriptsIn } from "./scripts.ts";
import { serviceCommands, serviceSpots } from "./services.ts";
import { taskDoubt } from "./tasks.ts";
import { aboutIpv6, decodeText, linesAbout } from "./text.ts";

const LAYER = "windows-first-boot";
/** What sysprep leaves, to set up Windows at the first start. */
const WINDEPLOY =
  /^"?(?:(?:C:|%SystemDrive%)\\Windows\\|%(?:SystemRoot|WinDir)%\\)?(?:system32\\)?oobe\\windeploy\.exe"?$/i;
/**
 * The header of a hiberfil.sys that no start resumes from: one that was resumed from, or none. Others are hibr, RSTR
 * (while it resumes) and HORM (resumed from again and again). Source: Volatility, "Hiber Address Space".
 */
const AWAKE = /^(?:wake|\0*)$/i;

/**
 * What the first boot of an instance may still change: found by reading, not by running it. Where IPv6 would be off
 * (`isOff`), what cannot be followed counts as well.
 */
export function firstBootSpots(
  observations: Observations,
  registry: RegistrySnapshot,
  isOff: boolean,
): readonly BlindSpot[] {
  const named = [...namedAnswerFile(registry), ...scriptsOfCommands(registry)];
  const { scripts, lost } = scriptsIn(observations, named, isOff);
  return [
    ...answerPointerSpots(observations, registry),
    ...setupCommandSpots(registry, isOff),
    ...scripts.flatMap(spotsOf),
    ...(isOff ? spotsOfOff(observations, registry, lost) : []),
  ];
}

/** What may bring IPv6 back where it is off. */
function spotsOfOff(
  observations: Observations,
  registry: RegistrySnapshot,
  lost: readonly Lost[],
): readonly BlindSpot[] {
  return [
    ...lostSpots(lost),
    ...runSpots(registry),
    ...serviceSpots(registry),
    ...lostCommandSpots(observations, registry),
    ...hibernationSpots(observations),
    ...elsewhereSpots(observations),
    ...unlistedSpots(observations),
  ];
}

function answerPointerSpots(observations: Observations, registry: RegistrySnapshot): readonly BlindSpot[] {
  const evidence = [evidenceOf(valueIn(registry, KEYS.setup, "UnattendFile"))];
  const pointer = fileOfAnswerPointer(registry);
  if (!pointer) return [];
  const { named, path } = pointer;
  if (path === undefined) {
    const text = `Windows Setup is to take its answer file from ${named}, which is not on this volume`;
    return [{ layer: LAYER, text, evidence, decisive: true }];
  }
  if (observations.file(path).state !== "absent") return [];
  const text = `Windows Setup is to take its answer file from ${named}, which is not there`;
  return [{ layer: LAYER, text, evidence, decisive: false }];
}

/** A command that Windows runs before anybody can log on, while `SetupType` is set. */
function setupCommandSpots(registry: RegistrySnapshot, isOff: boolean): readonly BlindSpot[] {
  const command = setupCommand(registry);
  if (command === undefined || command === "" || WINDEPLOY.test(command)) return [];
  const seen = valueIn(registry, KEYS.setup, "CmdLine");
  const speaks = aboutIpv6(command) !== undefined;
  const text = `Windows runs a command before it starts (Setup\\CmdLine)${speaks ? ", which speaks of IPv6" : ""}: ${command}`;
  return [{ layer: LAYER, text, evidence: [evidenceOf(seen)], decisive: speaks || isOff }];
}

function spotsOf({ path, what, file }: Script): readonly BlindSpot[] {
  const { locator } = file;
  if (file.state === "absent") return [];
  if (file.state === "unreadable") {
    const text = `${what} (${path}) could not be read: ${file.reason}`;
    return [{ layer: LAYER, text, evidence: [{ locator }], decisive: true }];
  }
  const { bytes, truncated } = file.value;
  const said = decodeText(bytes);
  const lines = linesAbout(said);
  const sealed = isSealed(path, said);
  const doubt = what === TASK ? taskDoubt(said) : undefined;
  // A review is bound to the whole of it, not to the lines shown.
  const whole: Evidence = { locator, text: `sha256:${createHash("sha256").update(bytes).digest("hex")}` };
  const text =
    lines.length > 0
      ? `${what} (${path}) speaks of IPv6: what it does at first boot is for a person to read`
      : sealed
        ? `${what} (${path}) is encrypted: what it does is not known`
        : doubt !== undefined
          ? `${what} (${path}) runs as Windows starts and ${doubt}`
          : `${what} (${path}) takes effect at first boot; it says nothing about IPv6`;
  const shown = lines.map((one) => ({ locator, ...one }));
  return [
    {
      layer: LAYER,
      text,
      evidence: [...shown, whole],
      decisive: lines.length > 0 || sealed || doubt !== undefined || truncated,
    },
  ];
}

function lostSpots(lost: readonly Lost[]): readonly BlindSpot[] {
  return lost.map(({ named, by }) => ({
    layer: LAYER,
    text: `${by.what} (${by.path}) names ${named}, which cannot be found on this volume: what it does is not known`,
    evidence: [{ locator: by.file.locator }],
    decisive: true,
  }));
}

/** Commands that the next logon runs; most have nothing to do with networks. */
function runSpots(registry: RegistrySnapshot): readonly BlindSpot[] {
  const unread = unreadIn(
    registry,
    RUN_KEYS.filter((want) => registry.has(registryPath(want))),
  ).map(({ reason, locator }): BlindSpot => {
    const text = `commands that run at a logon could not be read: ${reason}`;
    return { layer: LAYER, text, evidence: [{ locator }], decisive: true };
  });
  const spoken = logonCommands(registry)
    .filter(speaks)
    .map(({ what, text, evidence }): BlindSpot => {
      return { layer: LAYER, text: `${what} speaks of IPv6: ${text}`, evidence: [evidence], decisive: true };
    });
  return [...unread, ...spoken];
}

/** Scripts that commands name and that cannot be found: by the network, by a variable, without a path. */
function lostCommandSpots(observations: Observations, registry: RegistrySnapshot): readonly BlindSpot[] {
  return [...logonCommands(registry), ...serviceCommands(registry)].flatMap(({ what, text, evidence }) =>
    leadsIn(text, FOLDER)
      .filter(
        ({ isWhole, paths }) => !isWhole && paths.every((one) => observations.file(one).state === "absent"),
      )
      .map(({ named }) => ({
        layer: LAYER,
        text: `${what} names ${named}, which cannot be found on this volume: what it does is not known`,
        evidence: [evidence],
        decisive: true,
      })),
  );
}

/** A hibernated system goes on with the registry that it has in memory. */
function hibernationSpots(observations: Observations): readonly BlindSpot[] {
  const file = observations.file(HIBERNATION);
  if (file.state === "absent") return [];
  const evidence = [{ locator: file.locator }];
  if (file.state === "unreadable") {
    const text = `it cannot be told whether the system is hibernated: ${file.reason}`;
    return [{ layer: LAYER, text, evidence, decisive: true }];
  }
  const magic = Buffer.from(file.value.bytes.subarray(0, 4)).toString("latin1");
  if (AWAKE.test(magic)) return [];
  const text =
    "the image is of a hibernated Windows (hiberfil.sys): it goes on with what it has in memory, which can be other than what lies on the disk";
  return [{ layer: LAYER, text, evidence, decisive: true }];
}

/** Scripts of cloudbase-init that lie on no drive that can be told. */
function elsewhereSpots(observations: Observations): readonly BlindSpot[] {
  return namedFolders(observations).flatMap(({ named, folder, evidence }): readonly BlindSpot[] => {
    if (folder !== undefined) return [];
    const text = `cloudbase-init runs the scripts of ${named}, which is not on this volume`;
    return [{ layer: LAYER, text, evidence: [evidence], decisive: true }];
  });
}

function unlistedSpots(observations: Observations): readonly BlindSpot[] {
  return runFolders(observations).flatMap(({ path }): readonly BlindSpot[] => {
    const names = observations.list(path);
    if (names.state !== "unreadable") return [];
    const text = `the folder ${path}, whose files all run, could not be listed: ${names.reason}`;
    return [{ layer: LAYER, text, evidence: [{ locator: names.locator }], decisive: true }];
  });
}
