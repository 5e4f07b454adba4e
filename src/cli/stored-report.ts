import { readFile } from "node:fs/promises";
import { errorLine, ScanError } from "../errors.ts";
import type { Report } from "../model/report.ts";
import { NoReport, readReport } from "../report/stored/read.ts";

const FILE_BYTES_MAX = 1 << 28;

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
