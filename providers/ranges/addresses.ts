import { lookup } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";
import { ScanError } from "../../src/errors.ts";

// Source: IANA IPv4 and IPv6 Special-Purpose Address Registries.

const PRIVATE: BlockList = new BlockList();
for (const [net, prefix] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["224.0.0.0", 3],
] as const)
  PRIVATE.addSubnet(net, prefix, "ipv4");
for (const [net, prefix] of [
  ["::", 127],
  ["64:ff9b:1::", 48],
  ["fc00::", 7],
  ["fe80::", 10],
  ["ff00::", 8],
] as const)
  PRIVATE.addSubnet(net, prefix, "ipv6");

/** True for addresses that are not on the public Internet: this machine, its networks, a cloud's metadata service. */
export function isPrivateAddress(address: string): boolean {
  const family = isIP(address);
  return family !== 0 && PRIVATE.check(address, family === 4 ? "ipv4" : "ipv6");
}

/** The address that a URL's host is written as, undefined when it is a name. */
export function literalAddress(url: URL): string | undefined {
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  return isIP(host) === 0 ? undefined : host;
}

/**
 * Looks names up and tells `see` every address of `watched` before anything connects to it; what `see` throws ends the
 * request. So a name that leads to a private address is caught, whatever it is called. Any other name is a proxy's.
 */
export function watchedLookup(watched: string, see: (address: string) => void): LookupFunction {
  return (host, options, callback) => {
    lookup(host, options, (error, found, family) => {
      if (error || host !== watched) {
        callback(error, found, family);
        return;
      }
      try {
        for (const one of typeof found === "string" ? [found] : found.map(({ address }) => address)) see(one);
        callback(null, found, family);
      } catch (refused) {
        callback(refused instanceof Error ? refused : new Error(String(refused)), found, family);
      }
    });
  };
}

/** What a name leads to as seen from here; nothing where only a proxy can tell. */
export async function addressesOf({ hostname }: URL): Promise<readonly string[]> {
  const { lookup: find } = await import("node:dns/promises");
  try {
    return (await find(hostname, { all: true })).map(({ address }) => address);
  } catch {
    return [];
  }
}

/** Where a redirect may lead. @throws access */
export function checkRedirect(from: URL, to: URL, label: string): void {
  const refused =
    to.protocol !== "https:" && to.protocol !== "http:"
      ? `to the scheme ${to.protocol}`
      : from.protocol === "https:" && to.protocol === "http:"
        ? "from https to http"
        : to.username !== "" || to.password !== ""
          ? "to an address with a password"
          : undefined;
  if (refused !== undefined)
    throw new ScanError("access", `the server redirects ${refused}: not followed`, { at: [label] });
}
