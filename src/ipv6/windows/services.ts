import type { BlindSpot } from "../../model/prediction.ts";
import { type RegistrySnapshot, type RegistryWant, registryPath } from "../../model/registry.ts";
import { type Command, isShell, isUsual, programOf, speaks } from "./commands.ts";
import { leadsIn } from "./leads.ts";
import { evidenceOf, keyIn, valueIn } from "./read.ts";

const LAYER = "windows-first-boot";
const SERVICES = "CurrentControlSet\\Services";
const FOLDER = "/Windows/System32"; // where a service starts
/** A service's Start and Type. Source: winnt.h, SERVICE_AUTO_START, SERVICE_DISABLED, SERVICE_WIN32. */
const AUTO = 2;
const DISABLED = 4;
const WIN32 = 0x30;
/** Programs that run, as a service, the one that their key Parameters names. */
const WRAPPER = /\\(?:nssm|srvany)[^\\]*\.exe$/i;

/** Looked at only where IPv6 would be off. */
export const SERVICES_WANT: RegistryWant = {
  hive: "SYSTEM",
  key: `${SERVICES}\\*`,
  values: ["Start", "Type", "ImagePath"],
};

interface Service {
  readonly name: string;
  readonly key: RegistryWant;
  readonly start: number;
  readonly command: Command;
}

/** What says which program a wrapper runs. */
export function wrapperKeys(registry: RegistrySnapshot): readonly RegistryWant[] {
  return startingIn(registry).flatMap((one) => (isWrapper(one) ? [parametersOf(one)] : []));
}

/** The command lines of services that start with Windows. */
export function serviceCommands(registry: RegistrySnapshot): readonly Command[] {
  return startingIn(registry).flatMap((one) => [one.command, ...wrappedBy(registry, one)]);
}

/** Services that may switch IPv6 back on: those that speak of it, and those that cannot be told to have nothing to do with it. */
export function serviceSpots(registry: RegistrySnapshot): readonly BlindSpot[] {
  if (!registry.has(registryPath(SERVICES_WANT))) return [];
  const list = keyIn(registry, SERVICES_WANT);
  if (list.state === "unreadable")
    return [spot(`the services that start with Windows could not be read: ${list.reason}`, list.locator)];
  const manual = servicesIn(registry).filter(({ start, command }) => start !== DISABLED && speaks(command));
  return [
    ...unreadSpots(registry),
    ...manual.filter(({ start }) => start > AUTO).map(({ command }) => speaking(command)),
    ...startingIn(registry).flatMap((one) => spotsOf(registry, one)),
  ];
}

function spotsOf(registry: RegistrySnapshot, one: Service): readonly BlindSpot[] {
  const wrapped = wrappedBy(registry, one);
  const parameters = isWrapper(one) ? keyIn(registry, parametersOf(one)) : undefined;
  if (parameters?.state === "unreadable")
    return [
      spot(`what ${one.command.what} runs could not be read: ${parameters.reason}`, parameters.locator),
    ];
  return [one.command, ...wrapped].flatMap((command): readonly BlindSpot[] => {
    if (speaks(command)) return [speaking(command)];
    const program = programOf(command.text);
    const what = `${command.what} starts with it`;
    if (isShell(program) && leadsIn(command.text, FOLDER).length === 0)
      return [
        {
          ...spot(`${what} and is a command line for a shell: ${command.text}`),
          evidence: [command.evidence],
        },
      ];
    if (isUsual(program)) return [];
    const text = `${what}, from a place where neither Windows nor an installed program lies: ${command.text}`;
    return [{ ...spot(text), evidence: [command.evidence] }];
  });
}

function speaking({ what, text, evidence }: Command): BlindSpot {
  return { ...spot(`${what} speaks of IPv6: ${text}`), evidence: [evidence] };
}

function spot(text: string, locator?: string): BlindSpot {
  return { layer: LAYER, text, evidence: locator === undefined ? [] : [{ locator }], decisive: true };
}

function unreadSpots(registry: RegistrySnapshot): readonly BlindSpot[] {
  return namesIn(registry).flatMap((name) => {
    const seen = keyIn(registry, keyOf(name));
    return seen.state === "unreadable"
      ? [spot(`the service ${name} could not be read: ${seen.reason}`, seen.locator)]
      : [];
  });
}

function startingIn(registry: RegistrySnapshot): readonly Service[] {
  return servicesIn(registry).filter(({ start }) => start <= AUTO);
}

/** All but drivers. */
function servicesIn(registry: RegistrySnapshot): readonly Service[] {
  return namesIn(registry).flatMap((name): readonly Service[] => {
    const key = keyOf(name);
    const number = (value: string): number | undefined => {
      const seen = valueIn(registry, key, value);
      return seen.state === "found" && seen.value.data.kind === "number" ? seen.value.data.value : undefined;
    };
    const image = valueIn(registry, key, "ImagePath");
    const start = number("Start");
    const isProgram = ((number("Type") ?? 0) & WIN32) !== 0;
    if (start === undefined || !isProgram || image.state !== "found" || image.value.data.kind !== "text")
      return [];
    const command = {
      what: `the service ${name}`,
      text: image.value.data.value,
      evidence: evidenceOf(image),
    };
    return [{ name, key, start, command }];
  });
}

/** In an order of their own: some were asked for before by name, or were not. */
function namesIn(registry: RegistrySnapshot): readonly string[] {
  const prefix = registryPath({ hive: "SYSTEM", key: `${SERVICES}\\` });
  const names = [...registry.keys()].flatMap((path) => {
    const name = path.startsWith(prefix) ? path.slice(prefix.length) : "\\";
    return name.includes("\\") ? [] : [name];
  });
  return names.toSorted();
}

function keyOf(name: string): RegistryWant {
  return { hive: "SYSTEM", key: `${SERVICES}\\${name}` };
}

function isWrapper({ command }: Service): boolean {
  return WRAPPER.test(programOf(command.text));
}

function parametersOf({ name }: Service): RegistryWant {
  const key = `${SERVICES}\\${name}\\Parameters`;
  return { hive: "SYSTEM", key, values: ["Application", "AppParameters"] };
}

/** Sources: nssm.cc, "Usage"; Microsoft, KB 137890 (srvany). */
function wrappedBy(registry: RegistrySnapshot, one: Service): readonly Command[] {
  if (!isWrapper(one) || !registry.has(registryPath(parametersOf(one)))) return [];
  const values = ["Application", "AppParameters"].map((name) => valueIn(registry, parametersOf(one), name));
  const [first] = values;
  const text = values
    .flatMap((seen) =>
      seen.state === "found" && seen.value.data.kind === "text" ? [seen.value.data.value] : [],
    )
    .join(" ");
  return first === undefined || text === ""
    ? []
    : [{ what: one.command.what, text, evidence: evidenceOf(first) }];
}
