import { expect, test } from "vitest";
import { endpointOf } from "./endpoint.ts";

test.each([
  [undefined, "https://management.azure.com", undefined],
  [
    "https://management.usgovcloudapi.net/",
    "https://management.usgovcloudapi.net",
    "https://login.microsoftonline.us",
  ],
  [
    "https://management.chinacloudapi.cn",
    "https://management.chinacloudapi.cn",
    "https://login.chinacloudapi.cn",
  ],
  ["https://management.local.azurestack.external", "https://management.local.azurestack.external", undefined],
])("%s: where it is, and where its tokens come from", (named, url, authority) => {
  const endpoint = endpointOf(named);
  expect([endpoint.url, endpoint.scope, endpoint.authority]).toEqual([url, `${url}/.default`, authority]);
});
