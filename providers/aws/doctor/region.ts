import { ScanError } from "../../../src/errors.ts";
import { stsSdk } from "../api/sdk.ts";

/** The region that the user's environment and configuration point at. @throws ScanError `usage` */
export async function homeRegion(): Promise<string> {
  const sdk = await stsSdk();
  try {
    return await new sdk.STSClient({}).config.region();
  } catch (error) {
    throw new ScanError("usage", "name a region (aws:us-east-1), or set AWS_REGION", { cause: error });
  }
}
