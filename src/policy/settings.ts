/**
 * Finds what a file says about IPv6, whether or not anything obeys it. The syntax is that of sysctl.d(5) and
 * modprobe.d(5); who reads the file, and what comes of it, is for the prediction to say.
 */
export interface Setting {
  /** 1-based. */
  readonly line: number;
  readonly text: string;
  /** `other`: it concerns IPv6 but turns it neither off nor on. */
  readonly says: "off" | "on" | "other";
  /** sysctl: `all`, `default`, `*` or an interface. modprobe: the keyword. */
  readonly scope: string;
}

const DISABLE_KEY = /^-?\s*\/?net[./]ipv6[./]conf[./](.+)[./]disable_ipv6$/;

/** Assignments to any `net.ipv6.conf.*.disable_ipv6`, in file order. */
export function sysctlSettings(text: string): readonly Setting[] {
  return text.split("\n").flatMap((raw, index): Setting[] => {
    const line = raw.trim();
    if (line === "" || line.startsWith("#") || line.startsWith(";")) return [];
    const equals = line.indexOf("=");
    const key = (equals < 0 ? line : line.slice(0, equals)).trim();
    const scope = DISABLE_KEY.exec(key)?.[1];
    if (scope === undefined) return [];
    const says = equals < 0 ? "other" : switchOf(line.slice(equals + 1).trim());
    return [{ line: index + 1, text: raw.replace(/\r$/, ""), says, scope }];
  });
}

/** Commands that concern the module `ipv6` or its alias `net-pf-10`, in file order. */
export function modprobeSettings(text: string): readonly Setting[] {
  const found: Setting[] = [];
  let logical = "";
  let start = 0;
  for (const [index, raw] of text.split("\n").entries()) {
    if (logical === "") start = index;
    const line = raw.replace(/\r$/, "");
    if (line.endsWith("\\")) {
      logical += `${line.slice(0, -1)} `;
      continue;
    }
    const whole = logical + line;
    logical = "";
    const [keyword = "", module = "", ...rest] = whole.trim().split(/\s+/);
    if (!/^(?:ipv6|net_pf_10)$/.test(module.replaceAll("-", "_"))) continue;
    const says = commandSays(keyword, rest);
    if (says !== undefined) found.push({ line: start + 1, text: whole, says, scope: keyword });
  }
  return found;
}

function commandSays(keyword: string, rest: readonly string[]): Setting["says"] | undefined {
  switch (keyword) {
    case "blacklist":
      return "off";
    case "alias":
      return rest[0] === "off" ? "off" : "other";
    case "install":
      return /^(?:(?:\/usr)?\/bin\/(?:true|false)|true|false|:)$/.test(rest[0] ?? "") ? "off" : "other";
    case "options": {
      const last = rest.findLast((word) => /^disable(?:_ipv6)?=/.test(word));
      return last === undefined ? "other" : switchOf(last.slice(last.indexOf("=") + 1));
    }
    default:
      return undefined;
  }
}

/** Any nonzero integer turns IPv6 off; what is no integer is refused by the kernel. */
function switchOf(value: string): Setting["says"] {
  const digits = /^"?([+-]?(?:0x[0-9a-f]+|\d+))"?(?:\s|$)/i.exec(value)?.[1];
  if (digits === undefined) return "other";
  return /[1-9a-f]/i.test(digits.replace(/^[+-]?0x/i, "")) ? "off" : "on";
}
