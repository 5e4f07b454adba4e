import { readFile } from "node:fs/promises";
import { errorLine, ScanError } from "../errors.ts";
import type { Report } from "../model/report.ts";
import { NoReport, readReport } from "../report/stored/read.ts";

const FILE_BYTES_MAX = 1 << 28;

/** As newRunId makes them; `latest` is the one that started last. */
const RUN = /^(?:\d{8}T\d{6}Z-[0-9a-f]{6}|latest)$/;

/** Whether this names a run of the ledger. A file of that name would be named with its folder. */
export function isRun(name: string): boolean {
  return RUN.test(name);
}

/** A stored report by the name of its file, or a run of the ledger by its id. Rejects with `usage`. */
export async function storedReport(name: string, state: string | undefined): Promise<Report> {
  if (!isRun(name)) return storedReportAt(name);
  const { reportOfRun } = await import("./run-report.ts");
  return reportOfRun(name, state);
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
