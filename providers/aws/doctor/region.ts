import { ScanError } from "../../../src/errors.ts";
import { stsSdk } from "../api/sdk.ts";

/** The region that the user's environment and configuration (of that profile) point at. @throws ScanError `usage` */
export async function homeRegion(profile: string | undefined): Promise<string> {
  const sdk = await stsSdk();
  try {
    return await new sdk.STSClient(profile === undefined ? {} : { profile }).config.region();
  } catch (error) {
    throw new ScanError("usage", "name a region (aws:us-east-1), or set AWS_REGION", { cause: error });
  }
}
