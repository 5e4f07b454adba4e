import type { Step } from "../../model/prediction.ts";
import { type RegistrySnapshot, registryPath } from "../../model/registry.ts";
import type { Components } from "./components.ts";
import { KEYS, VERSION_KEY } from "./keys.ts";
import { evidenceOf, keyIn, numberIn, unreadIn, valueIn } from "./read.ts";

const LAYER = "windows-tunnels";
const DISABLED = 4; // a service's Start: SERVICE_DISABLED
/** What `netsh interface 6to4|isatap set state` writes. */
const STATES = ["default", "automatic", "enabled", "disabled"];
const TEREDO_DISABLED = 4; // what `netsh interface teredo set state disabled` writes

/**
 * Build from which on each is off unless something turns it on. Source: Microsoft, "Deprecated features in the Windows
 * client" and "Features removed or no longer developed": 6to4 since 1607, ISATAP since 1703, Teredo since 1803.
 */
const OFF_SINCE: readonly (readonly [tunnel: string, build: number, release: string])[] = [
  ["6to4", 14_393, "1607"],
  ["ISATAP", 15_063, "1703"],
  ["Teredo", 17_134, "1803"],
];

/** Teredo, 6to4 and ISATAP: group policy, what netsh set, the service without which none of them runs, the defaults. */
export function tunnelSteps(registry: RegistrySnapshot, components: Components | undefined): readonly Step[] {
  if (!registry.has(registryPath(KEYS.teredo))) return [];
  const tunnelsOff =
    components === undefined || components.tunnelsOn
      ? []
      : [{ layer: LAYER, text: "DisabledComponents keeps every tunnel interface off", evidence: [] }];
  const set = [...policySteps(registry), ...localSteps(registry)];
  const unread = unreadSteps(registry);
  const rest = unread.length > 0 ? unread : defaultSteps(registry, set.length > 0);
  return [...tunnelsOff, ...serviceSteps(registry), ...set, ...rest];
}

function unreadSteps(registry: RegistrySnapshot): readonly Step[] {
  const unread = unreadIn(registry, [KEYS.transition, KEYS.tunnels, KEYS.teredo, KEYS.helper]);
  const evidence = unread.map(({ locator }) => ({ locator }));
  return unread.length > 0
    ? [{ layer: LAYER, text: "what is set for tunnels could not be read", evidence }]
    : [];
}

function serviceSteps(registry: RegistrySnapshot): readonly Step[] {
  if (numberIn(registry, KEYS.helper, "Start") !== DISABLED) return [];
  const evidence = [evidenceOf(valueIn(registry, KEYS.helper, "Start"))];
  const text = "the service IP Helper (iphlpsvc) is disabled: no Teredo, 6to4, ISATAP or IP-HTTPS";
  return [{ layer: LAYER, text, evidence }];
}

/** Source: tcpip.admx: `Teredo_State`, `6to4_State`, `ISATAP_State` and what goes with them. */
function policySteps(registry: RegistrySnapshot): readonly Step[] {
  const policy = keyIn(registry, KEYS.transition);
  if (policy.state !== "found") return [];
  return policy.value.values.flatMap(({ name, data }): readonly Step[] => {
    if (data.kind !== "text" && data.kind !== "number") return [];
    const evidence = [{ locator: `${policy.locator}\\${name}`, text: String(data.value) }];
    return [{ layer: LAYER, text: `group policy sets ${name} to ${data.value}`, evidence }];
  });
}

function localSteps(registry: RegistrySnapshot): readonly Step[] {
  const config = keyIn(registry, KEYS.tunnels);
  const values = config.state === "found" ? config.value.values : [];
  const states = values.flatMap((value): readonly Step[] => {
    const { name, data } = value;
    if (data.kind !== "number" || !/state$/i.test(name)) return [];
    const text = `${name.replace(/state$/i, "")} is set to ${STATES[data.value] ?? "a state of unknown meaning"} (${data.value})`;
    return [
      {
        layer: LAYER,
        text,
        evidence: [evidenceOf({ state: "found", value, locator: `${config.locator}\\${name}` })],
      },
    ];
  });
  const teredo = valueIn(registry, KEYS.teredo, "Type");
  const type = numberIn(registry, KEYS.teredo, "Type");
  if (type === undefined) return states;
  const meaning = type === TEREDO_DISABLED ? "disabled" : "a type whose meaning is not documented";
  return [
    ...states,
    { layer: LAYER, text: `Teredo is set to ${meaning} (${type})`, evidence: [evidenceOf(teredo)] },
  ];
}

function defaultSteps(registry: RegistrySnapshot, someSet: boolean): readonly Step[] {
  const seen = registry.has(registryPath(VERSION_KEY))
    ? valueIn(registry, VERSION_KEY, "CurrentBuild")
    : undefined;
  const build =
    seen?.state === "found" && seen.value.data.kind === "text" ? Number(seen.value.data.value) : 0;
  const told = OFF_SINCE.map(([tunnel, since, release]) =>
    build > 0 ? `${tunnel} ${build >= since ? "off" : "on"}` : `${tunnel} off since ${release}`,
  );
  const what = build > 0 ? `the defaults of build ${build}` : "the defaults, of a build that is not known";
  const text = `${someSet ? "what is not set has" : "nothing is set for tunnels:"} ${what}: ${told.join(", ")}`;
  return [{ layer: LAYER, text, evidence: seen ? [evidenceOf(seen)] : [] }];
}
