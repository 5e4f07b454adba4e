import { notInstalled } from "../../../src/errors.ts";

const PACKAGES = ["@azure/arm-compute", "@azure/identity", "@azure-rest/core-client"];

/*
 * The SDKs are large and wanted by few: they are optional, and loaded when the first request is made.
 */

export async function computeSdk(): Promise<typeof import("@azure/arm-compute")> {
  return import("@azure/arm-compute").catch(missing);
}

export async function identitySdk(): Promise<typeof import("@azure/identity")> {
  return import("@azure/identity").catch(missing);
}

export async function restSdk(): Promise<typeof import("@azure-rest/core-client")> {
  return import("@azure-rest/core-client").catch(missing);
}

function missing(error: unknown): never {
  throw notInstalled(error, "Azure targets need the Azure SDK", PACKAGES);
}
