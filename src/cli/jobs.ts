import { ScanError } from "../errors.ts";
import type { ScanAllOptions } from "../scan/scan-all.ts";

/** Where requests take their time, more images at a time cost nothing. */
const JOBS = { local: 4, cloud: 16, all: 64 } as const;
const LOCAL = /^(?:file|http):/;

/** What `--jobs` says; without it, by where the images are. */
export function parseJobs(text: string | undefined): Pick<ScanAllOptions, "jobs" | "jobsPerGroup"> {
  if (text === undefined)
    return {
      jobs: JOBS.all,
      jobsPerGroup: (group: string) => (LOCAL.test(group) ? JOBS.local : JOBS.cloud),
    };
  const jobs = Number(text);
  if (!Number.isInteger(jobs) || jobs < 1 || jobs > 256)
    throw new ScanError("usage", "--jobs takes a whole number from 1 to 256");
  return { jobs };
}
