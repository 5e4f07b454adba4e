import type { Reporter } from "../model/report.ts";

/** Every format by its id. A format loads only when it is asked for. */
export const reporters: ReadonlyMap<string, () => Promise<Reporter>> = new Map([
  ["text", async () => (await import("./text.ts")).text],
  ["json", async () => (await import("./json.ts")).json],
  ["ndjson", async () => (await import("./ndjson.ts")).ndjson],
  ["html", async () => (await import("./html/html.ts")).html],
  ["pdf", async () => (await import("./pdf/pdf.ts")).pdf],
]);
