/**
 * Bits of DisabledComponents. Source: Microsoft, "Guidance for configuring IPv6 in Windows for advanced users"
 * (KB 929852), "Use registry key to configure IPv6".
 */
const BITS: readonly (readonly [mask: number, meaning: string])[] = [
  [0x01, "all tunnel interfaces are off"],
  [0x02, "6to4 is off"],
  [0x04, "ISATAP is off"],
  [0x08, "Teredo is off"],
  [0x10, "IPv6 is off on non-tunnel interfaces, LAN and PPP alike"],
  [0x20, "IPv4 is preferred over IPv6"],
  [0x40, "IPv6 is off on CP interfaces"],
  [0x80, "IP-HTTPS (IP-TLS) is off"],
];

const EACH_TUNNEL = 0x0e;
const ALL = 0xff;
const MISTAKE = 0xffffffff;

export interface Components {
  readonly value: number;
  /** `0x20`. */
  readonly hex: string;
  /** False: IPv6 is off on network cards. */
  readonly nativeOn: boolean;
  /** False: no tunnel interface comes up, by the bit for all of them or by one for each. */
  readonly tunnelsOn: boolean;
  /** What it makes Windows do, in one clause. */
  readonly meaning: string;
  readonly bits: readonly string[];
}

export function decodeComponents(value: number): Components {
  const bits = BITS.flatMap(([mask, meaning]) => ((value & mask) === 0 ? [] : [meaning]));
  return {
    value,
    hex: `0x${value.toString(16).toUpperCase().padStart(2, "0")}`,
    nativeOn: (value & 0x10) === 0,
    tunnelsOn: (value & 0x01) === 0 && (value & EACH_TUNNEL) !== EACH_TUNNEL,
    meaning: meaningOf(value, bits),
    bits,
  };
}

function meaningOf(value: number, bits: readonly string[]): string {
  if (value === 0) return "everything is on, and IPv6 is preferred";
  if (value === MISTAKE)
    return "IPv6 is off but for the loopback, and each boot waits five seconds longer (Microsoft: 0xFF is meant)";
  if (value === ALL) return "IPv6 is off on every interface but the loopback";
  if (value === 0x20) return "IPv4 is preferred over IPv6, and IPv6 stays on";
  return bits.length === 0 ? "no bit that Windows knows is set" : bits.join("; ");
}
