import { ScanError } from "../../../src/errors.ts";

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
  if (error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND")
    throw new ScanError(
      "usage",
      "Azure needs packages that are not installed: npm install @azure/arm-compute @azure/identity @azure-rest/core-client",
      { cause: error },
    );
  throw error;
}
