import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { errorLine, ScanError } from "../errors.ts";
import type { Report } from "../model/report.ts";
import { NoReport, readReport } from "../report/stored/read.ts";

const FILE_BYTES_MAX = 1 << 28;

/** As newRunId makes them; `latest` is the one that started last. */
const RUN = /^(?:\d{8}T\d{6}Z-[0-9a-f]{6}|latest)$/;
/** As `fleet enqueue --run` takes them. */
const RUN_NAME = /^[A-Za-z0-9][\w.-]{0,99}$/;

/** Whether a run may be given this name: one that means the last of all is not to be had. */
export function isRunName(name: string): boolean {
  return RUN_NAME.test(name) && name !== "latest";
}

/** A stored report by the name of its file, or a run of the ledger by its id. Rejects with `usage`. */
export async function storedReport(name: string, state: string | undefined): Promise<Report> {
  return (await storedRun(name, state)) ?? storedReportAt(name);
}

/**
 * A run of the ledger by its id: one that sixray made, or one that `fleet enqueue --run` was given, where no file has that
 * name. A file that is called as only runs are is to be named with its folder. Undefined where there is none of a given
 * name. Rejects with `usage`.
 */
export async function storedRun(name: string, state: string | undefined): Promise<Report | undefined> {
  const made = RUN.test(name);
  if (!made && (!isRunName(name) || existsSync(name))) return undefined;
  const { hasLedger } = await import("./ledger.ts");
  if (!made && !hasLedger(state)) return undefined;
  const { noRun, reportOfRun } = await import("./run-report.ts");
  const { report, where } = await reportOfRun(name, state);
  if (!report && made) throw noRun(name, where);
  return report;
}

/** A stored report, JSON or NDJSON. Throws `usage` with the file and the reason. */
export async function storedReportAt(path: string): Promise<Report> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw new ScanError("usage", `cannot read ${path}: ${errorLine(error)}`);
  }
  return reportIn(bytes, path);
}

/** A report from the bytes of a file. Throws `usage`. */
export function reportIn(bytes: Uint8Array, path: string): Report {
  if (bytes.length > FILE_BYTES_MAX) throw new ScanError("usage", `${path} is larger than 256 MiB`);
  try {
    return readReport(new TextDecoder().decode(bytes));
  } catch (error) {
    if (!(error instanceof NoReport)) throw error;
    throw new ScanError("usage", `${path} is no report: ${error.message}`);
  }
}
