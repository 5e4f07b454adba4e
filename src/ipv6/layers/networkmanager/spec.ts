import { NIC_MAC, type Nic } from "../../nic.ts";
import { matchesPattern } from "../../pattern.ts";

export type Fit = "yes" | "no" | "maybe";

/**
 * Whether a list of device specs takes in a card; `except:` beats everything, and a list of exceptions alone
 * takes in the rest. Source: NetworkManager.conf(5), "Device List Format"; nm_match_spec_device.
 */
export function fitsSpecs(specs: readonly string[], nic: Nic): Fit {
  const exceptions = specs.filter((spec) => spec.startsWith("except:")).map((spec) => spec.slice(7));
  const plain = specs.filter((spec) => !spec.startsWith("except:"));
  const except = any(exceptions.map((spec) => fitsSpec(spec, nic)));
  if (except === "yes") return "no";
  const fit =
    plain.length === 0
      ? exceptions.length > 0
        ? "yes"
        : "no"
      : any(plain.map((spec) => fitsSpec(spec, nic)));
  return except === "maybe" && fit === "yes" ? "maybe" : fit;
}

function any(fits: readonly Fit[]): Fit {
  return fits.includes("yes") ? "yes" : fits.includes("maybe") ? "maybe" : "no";
}

function fitsSpec(spec: string, nic: Nic): Fit {
  const [, kind, value = ""] =
    /^(?:(interface-name|mac|type|driver|s390-subchannels|dhcp-plugin):)?(.*)$/.exec(spec) ?? [];
  switch (kind) {
    case "interface-name":
      if (value.startsWith("=")) return yesNo(nic.name === value.slice(1));
      return yesNo(matchesPattern(value.replace(/^~/, ""), nic.name));
    case "type":
      return yesNo(value === "ethernet");
    case "driver":
      return yesNo(matchesPattern(value.split("/")[0] ?? "", nic.driver));
    case "mac":
      return value === NIC_MAC ? "yes" : "maybe";
    case undefined:
      if (value === "*") return "yes";
      return /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(value) ? "maybe" : yesNo(value === nic.name);
    default:
      return "no";
  }
}

function yesNo(value: boolean): Fit {
  return value ? "yes" : "no";
}
