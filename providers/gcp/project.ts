import type { ComputeApi } from "./compute.ts";
import { withScanErrors } from "./failure.ts";
import { parseProject } from "./target.ts";

/** The project that is asked as, and that pays for what is made. @throws usage, access */
export async function projectOf(api: ComputeApi, account: string | undefined): Promise<string> {
  const named = account ?? process.env.GOOGLE_CLOUD_PROJECT ?? process.env.CLOUDSDK_CORE_PROJECT;
  if (named !== undefined && named !== "") return parseProject(named);
  return withScanErrors("gcp", () => api.projectId());
}
