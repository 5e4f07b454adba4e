import { ScanError } from "../../../src/errors.ts";

/** Where Azure Resource Manager is asked. */
export interface Endpoint {
  /** Without a slash at the end. */
  readonly url: string;
  readonly scope: string;
  /** Where its tokens come from, where that is not the public cloud's place: `https://login.microsoftonline.us`. */
  readonly authority?: string;
  /** A stand-in on this machine: plain HTTP, no credentials are asked for or sent. */
  readonly loopback: boolean;
}

/** Source: "Azure Government - compare", "Azure operated by 21Vianet - endpoints", Microsoft Learn. */
const AUTHORITIES: Readonly<Record<string, string>> = {
  "management.usgovcloudapi.net": "https://login.microsoftonline.us",
  "management.chinacloudapi.cn": "https://login.chinacloudapi.cn",
};

const PUBLIC = "https://management.azure.com";

/**
 * The public cloud, or what `SIXRAY_AZURE_ENDPOINT` names: `https://management.usgovcloudapi.net`,
 * `https://management.chinacloudapi.cn`, or a stand-in on this machine.
 * @throws usage
 */
export function endpointOf(named: string | undefined): Endpoint {
  const url = URL.parse(named ?? PUBLIC);
  const plain = url?.protocol === "http:";
  const loopback = plain && /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(url.hostname);
  if (!url || (url.protocol !== "https:" && !loopback) || url.username !== "" || url.password !== "")
    throw new ScanError("usage", "SIXRAY_AZURE_ENDPOINT has to be an https address (http only for loopback)");
  const authority = AUTHORITIES[url.hostname];
  return {
    url: url.origin,
    scope: `${url.origin}/.default`,
    ...(authority === undefined ? {} : { authority }),
    loopback,
  };
}
