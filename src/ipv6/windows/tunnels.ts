import type { Step } from "../../model/prediction.ts";
import { type RegistrySnapshot, type RegistryWant, registryPath } from "../../model/registry.ts";
import type { Components } from "./components.ts";
import { KEYS, VERSION_KEY } from "./keys.ts";
import { evidenceOf, keyIn, numberIn, unreadIn, valueIn } from "./read.ts";

const LAYER = "windows-tunnels";
const DISABLED = 4; // a service's Start: SERVICE_DISABLED
/** What `netsh interface 6to4|isatap set state` writes. */
const STATES = ["default", "automatic", "enabled", "disabled"];
const TEREDO_DISABLED = 4; // what `netsh interface teredo set state disabled` writes

type Tunnel = "6to4" | "ISATAP" | "Teredo";
/** Of `DisabledComponents`. */
const TUNNEL_BITS: Readonly<Record<Tunnel, number>> = { "6to4": 0x02, ISATAP: 0x04, Teredo: 0x08 };

/**
 * Build from which on each is off unless something turns it on. Source: Microsoft, "Deprecated features in the Windows
 * client" and "Features removed or no longer developed": 6to4 since 1607, ISATAP since 1703, Teredo since 1803.
 */
const OFF_SINCE: readonly (readonly [tunnel: Tunnel, build: number, release: string])[] = [
  ["6to4", 14_393, "1607"],
  ["ISATAP", 15_063, "1703"],
  ["Teredo", 17_134, "1803"],
];

/** What `DisabledComponents` leaves to these where it names no tunnel. */
export const TUNNEL_KEYS: readonly RegistryWant[] = [KEYS.transition, KEYS.tunnels, KEYS.teredo, KEYS.helper];

/**
 * Why a tunnel interface may come up where no network card has IPv6; undefined when none does. IP-HTTPS needs a
 * DirectAccess server, and is left out.
 */
export function tunnelDoubt(registry: RegistrySnapshot, components: Components): string | undefined {
  if (!components.tunnelsOn) return undefined;
  const [unread] = unreadIn(registry, TUNNEL_KEYS);
  if (unread) return `what is set for tunnels could not be read: ${unread.reason}`;
  if (numberIn(registry, KEYS.helper, "Start") === DISABLED) return undefined;
  const build = buildIn(registry);
  const up = OFF_SINCE.filter(([tunnel, since]) => {
    if ((components.value & TUNNEL_BITS[tunnel]) !== 0) return false;
    const policy = policyOf(registry, tunnel);
    if (policy !== undefined && policy !== "default") return policy !== "disabled";
    const local = policy === undefined ? localOf(registry, tunnel) : undefined;
    return local === undefined ? build < since : local;
  }).map(([tunnel]) => tunnel);
  if (up.length === 0) return undefined;
  const by = build > 0 ? `of build ${build}` : "of a build that is not known";
  return `${up.join(", ")} may run in this Windows (${by}), and IPv6 come up through it`;
}

/** What group policy sets, in small letters. Source: tcpip.admx, `Teredo_State`, `6to4_State`, `ISATAP_State`. */
function policyOf(registry: RegistrySnapshot, tunnel: Tunnel): string | undefined {
  const seen = valueIn(registry, KEYS.transition, `${tunnel}_State`);
  if (seen.state !== "found") return undefined;
  return seen.value.data.kind === "text" ? seen.value.data.value.toLowerCase() : "of another type";
}

/** Whether netsh switched it on (or to what is not documented), or off; undefined when the default holds. */
function localOf(registry: RegistrySnapshot, tunnel: Tunnel): boolean | undefined {
  const seen =
    tunnel === "Teredo"
      ? valueIn(registry, KEYS.teredo, "Type")
      : valueIn(registry, KEYS.tunnels, `${tunnel}State`);
  if (seen.state !== "found") return undefined;
  const { data } = seen.value;
  if (data.kind !== "number") return true;
  if (tunnel === "Teredo") return data.value !== TEREDO_DISABLED;
  return STATES[data.value] === "default" ? undefined : STATES[data.value] !== "disabled";
}

function buildIn(registry: RegistrySnapshot): number {
  const seen = registry.has(registryPath(VERSION_KEY))
    ? valueIn(registry, VERSION_KEY, "CurrentBuild")
    : undefined;
  const build =
    seen?.state === "found" && seen.value.data.kind === "text" ? Number(seen.value.data.value) : 0;
  return Number.isSafeInteger(build) ? build : 0;
}

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
  const unread = unreadIn(registry, TUNNEL_KEYS);
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
  const build = buildIn(registry);
  const seen = build > 0 ? valueIn(registry, VERSION_KEY, "CurrentBuild") : undefined;
  const told = OFF_SINCE.map(([tunnel, since, release]) =>
    build > 0 ? `${tunnel} ${build >= since ? "off" : "on"}` : `${tunnel} off since ${release}`,
  );
  const what = build > 0 ? `the defaults of build ${build}` : "the defaults, of a build that is not known";
  const text = `${someSet ? "what is not set has" : "nothing is set for tunnels:"} ${what}: ${told.join(", ")}`;
  return [{ layer: LAYER, text, evidence: seen ? [evidenceOf(seen)] : [] }];
}
