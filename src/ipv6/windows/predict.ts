import type { Observation, Observations } from "../../model/observations.ts";
import type { BlindSpot, Ipv6State, Prediction, Step } from "../../model/prediction.ts";
import { type ObservedValue, type RegistrySnapshot, registryPath } from "../../model/registry.ts";
import { bindingSpots, bindingSteps, interfaceSpots } from "./adapters.ts";
import { agentSpots } from "./agents.ts";
import { type Components, decodeComponents } from "./components.ts";
import { firewallOf } from "./firewall.ts";
import { firstBootSpots } from "./first-boot.ts";
import { KEYS } from "./keys.ts";
import { evidenceOf, keyIn, numberIn, valueIn } from "./read.ts";
import { tunnelDoubt, tunnelSteps } from "./tunnels.ts";

const LAYER = "windows";
const DISABLED = 4; // a service's Start: SERVICE_DISABLED
const NAME = "DisabledComponents";

/** What of the registry decides: the value's meaning, or why it cannot be told. */
type Answer =
  | { readonly components: Components; readonly isSet: boolean; readonly step: Step }
  | { readonly spot: BlindSpot };

/**
 * What IPv6 is on a machine that boots this Windows: pure, from its registry and the files of its first boot.
 * Source: Microsoft, "Guidance for configuring IPv6 in Windows for advanced users" (KB 929852).
 */
export function predictWindows(observations: Observations, registry: RegistrySnapshot): Prediction {
  const answer = componentsOf(registry);
  const spots = [
    ...("spot" in answer ? [answer.spot] : tunnelSpots(registry, answer)),
    ...controlSetSpots(registry),
    ...driverSpots(registry),
    ...bindingSpots(registry),
    ...interfaceSpots(registry),
    ...firstBootSpots(observations, registry, "components" in answer && !answer.components.nativeOn),
    ...agentSpots(registry),
  ];
  const decisive = spots.find((spot) => spot.decisive);
  const state: Ipv6State =
    decisive || "spot" in answer ? "unknown" : answer.components.nativeOn ? "on" : "off";
  const { firewall, steps: firewallSteps } = firewallOf(registry);
  const deciding: readonly Step[] = "spot" in answer ? [] : [{ ...answer.step, decides: true }];
  const none = "absent" as const;
  return {
    state,
    stack: "spot" in answer ? "unknown" : answer.components.nativeOn ? "present" : "disabled",
    disableIpv6: { all: none, default: none, lo: none, nic: none }, // Windows has no such switches
    addressing: state === "off" ? "none" : state === "on" ? "slaac" : "unknown",
    firewall,
    confidence: state === "unknown" ? "none" : "likely",
    reason: decisive ? decisive.text : "spot" in answer ? answer.spot.text : answer.step.text,
    steps: [
      ...controlSetStep(registry),
      ...driverStep(registry),
      ...deciding,
      ...bindingSteps(registry),
      ...tunnelSteps(registry, "spot" in answer ? undefined : answer.components),
      ...setupSteps(registry),
      ...firewallSteps,
    ],
    blindSpots: spots,
    deciding,
  };
}

/** Off on network cards, and on all the same: what carries IPv6 over IPv4. */
function tunnelSpots(
  registry: RegistrySnapshot,
  { components, step }: Extract<Answer, { components: Components }>,
): readonly BlindSpot[] {
  if (components.nativeOn || !components.tunnelsOn) return [];
  const open = "tunnel interfaces are not switched off (bit 0x01 of DisabledComponents is not set)";
  const doubt = tunnelDoubt(registry, components);
  const text =
    doubt === undefined
      ? `${open}: where something turns Teredo, 6to4 or ISATAP on, the instance still speaks IPv6 through it`
      : `${open}: ${doubt}`;
  return [{ layer: LAYER, text, evidence: step.evidence, decisive: doubt !== undefined }];
}

function componentsOf(registry: RegistrySnapshot): Answer {
  const parameters = keyIn(registry, KEYS.parameters);
  const driver = keyIn(registry, KEYS.driver);
  const seen = valueIn(registry, KEYS.parameters, NAME);
  const spot = (text: string): Answer => ({
    spot: { layer: LAYER, text, evidence: [evidenceOf(seen)], decisive: true },
  });
  if (parameters.state === "unreadable") return spot(`the registry cannot be read: ${parameters.reason}`);
  const select = keyIn(registry, KEYS.select);
  if (driver.state === "absent" && select.state === "absent") {
    const text = "there is no SYSTEM hive (Windows/System32/config/SYSTEM) to be judged";
    return {
      spot: {
        layer: LAYER,
        text,
        evidence: [{ locator: select.locator, text: "no such file" }],
        decisive: true,
      },
    };
  }
  if (driver.state === "absent")
    return spot(
      "the current control set has no service Tcpip6: a Windows before Vista without IPv6, or no complete Windows",
    );
  if (seen.state === "unreadable") return spot(`the registry cannot be read: ${seen.reason}`);
  if (seen.state === "absent") {
    const text = `${NAME} is not set: IPv6 is on, as it is by default in every Windows since Vista`;
    const step = { layer: LAYER, text, evidence: [evidenceOf(seen)] };
    return { components: decodeComponents(0), isSet: false, step };
  }
  const { data, type } = seen.value;
  if (data.kind !== "number" && type === "REG_DWORD")
    return spot(
      `${NAME} is a REG_DWORD that is not of four bytes: what Windows makes of that is not documented`,
    );
  if (data.kind !== "number" || type !== "REG_DWORD")
    return spot(`${NAME} is of type ${type}, not REG_DWORD: what Windows makes of that is not documented`);
  const components = decodeComponents(data.value);
  const text = `${NAME} is ${components.hex}: ${components.meaning}`;
  return { components, isSet: true, step: { layer: LAYER, text, evidence: [evidenceOf(seen)] } };
}

function controlSetStep(registry: RegistrySnapshot): readonly Step[] {
  const seen: Observation<ObservedValue> = valueIn(registry, KEYS.select, "Current");
  if (seen.state !== "found" || seen.value.data.kind !== "number") return [];
  const starts = controlSetSpots(registry).length > 0 ? "last ran" : "starts";
  const text = `Windows ${starts} with control set ${seen.value.data.value}`;
  return [{ layer: LAYER, text, evidence: [evidenceOf(seen)] }];
}

/** The loader takes `Default`; `Current` is what the system last ran with. They differ after a failed boot. */
function controlSetSpots(registry: RegistrySnapshot): readonly BlindSpot[] {
  const current = numberIn(registry, KEYS.select, "Current");
  const preset = numberIn(registry, KEYS.select, "Default");
  if (current === undefined || preset === undefined || current === preset) return [];
  const text = `Windows last ran with control set ${current}, which was read, and is to start with ${preset}`;
  const evidence = ["Current", "Default"].map((name) => evidenceOf(valueIn(registry, KEYS.select, name)));
  return [{ layer: LAYER, text, evidence, decisive: true }];
}

function driverStep(registry: RegistrySnapshot): readonly Step[] {
  const start = numberIn(registry, KEYS.driver, "Start");
  if (start === undefined || start === DISABLED) return [];
  const text = `the IPv6 protocol driver (service Tcpip6) is enabled (Start is ${start})`;
  return [{ layer: LAYER, text, evidence: [evidenceOf(valueIn(registry, KEYS.driver, "Start"))] }];
}

function driverSpots(registry: RegistrySnapshot): readonly BlindSpot[] {
  const seen = valueIn(registry, KEYS.driver, "Start");
  if (numberIn(registry, KEYS.driver, "Start") !== DISABLED) return [];
  const text =
    "the service Tcpip6 is disabled (Start is 4), which Microsoft does not document as a way to switch IPv6 off: since Vista the stack for both families lies in tcpip.sys, which the service Tcpip loads all the same";
  return [{ layer: LAYER, text, evidence: [evidenceOf(seen)], decisive: true }];
}

/** Whether Windows Setup runs at the first boot, so that an answer file takes effect. */
function setupSteps(registry: RegistrySnapshot): readonly Step[] {
  if (!registry.has(registryPath(KEYS.setupState))) return [];
  const seen = valueIn(registry, KEYS.setupState, "ImageState");
  if (seen.state !== "found" || seen.value.data.kind !== "text") return [];
  const { value } = seen.value.data;
  const sealed = value.includes("RESEAL") || value.includes("UNDEPLOYABLE");
  const text = sealed
    ? `Windows Setup runs at the first boot, and takes its answer file (${value})`
    : `Windows Setup is done (${value}): no answer file takes effect unless the image is sealed again`;
  return [{ layer: "windows-setup", text, evidence: [evidenceOf(seen)] }];
}
