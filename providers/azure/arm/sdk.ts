import { installed } from "../../sdk.ts";

const PACKAGES = ["@azure/arm-compute", "@azure/identity", "@azure-rest/core-client"];

/*
 * The SDKs are large and wanted by few: they are optional, and loaded when the first request is made.
 */

export async function computeSdk(): Promise<typeof import("@azure/arm-compute")> {
  return loaded(() => import("@azure/arm-compute"));
}

export async function identitySdk(): Promise<typeof import("@azure/identity")> {
  return loaded(() => import("@azure/identity"));
}

export async function restSdk(): Promise<typeof import("@azure-rest/core-client")> {
  return loaded(() => import("@azure-rest/core-client"));
}

function loaded<T>(load: () => Promise<T>): Promise<T> {
  return installed(load, "Azure targets need the Azure SDK", PACKAGES);
}
