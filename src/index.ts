/** The public API. Everything else may change without notice. */

export { readBundle } from "./bundle/read.ts";
export { writeBundle } from "./bundle/write.ts";
export { ScanError, type ScanErrorCode } from "./errors.ts";
export { type LocalImageOptions, localImage } from "./local-image.ts";
export type { Extract } from "./model/extract.ts";
export type { Finding, PlaceCheck } from "./model/finding.ts";
export type { ImageRef, OsInfo } from "./model/image.ts";
export type { Inspection } from "./model/inspection.ts";
export type { Evidence } from "./model/locator.ts";
export type { Prediction } from "./model/prediction.ts";
export type { Report, ScanResult, Unread, Verdict } from "./model/report.ts";
export { type EvaluateOptions, evaluate } from "./scan/evaluate.ts";
export { type ExtractOptions, extract } from "./scan/extract.ts";
export { inspect } from "./scan/inspect.ts";
export { type ScanOptions, scan } from "./scan/scan.ts";
export { type Listed, type ScanAllOptions, scanAll } from "./scan/scan-all.ts";
export type { Opener } from "./scan/view.ts";
