import { ScanError } from "../../../src/errors.ts";
import { stsSdk } from "../api/sdk.ts";

/** Neither the environment nor the configuration names one. */
export class NoRegion extends ScanError {}

/** The region that the user's environment and configuration (of that profile) point at. @throws NoRegion */
export async function homeRegion(profile: string | undefined): Promise<string> {
  const sdk = await stsSdk();
  try {
    return await new sdk.STSClient(profile === undefined ? {} : { profile }).config.region();
  } catch (error) {
    throw new NoRegion("usage", "name a region (aws:us-east-1), or set AWS_REGION", { cause: error });
  }
}
