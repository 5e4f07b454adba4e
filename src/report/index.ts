import type { Reporter } from "../model/report.ts";

/** Every format by its id. A format loads only when it is asked for. */
export const reporters: ReadonlyMap<string, () => Promise<Reporter>> = new Map<
  string,
  () => Promise<Reporter>
>([
  ["text", async () => (await import("./text.ts")).text],
  ["json", async () => (await import("./json.ts")).json],
  ["ndjson", async () => (await import("./ndjson.ts")).ndjson],
  ["sarif", async () => (await import("./sarif/sarif.ts")).sarif],
  ["junit", async () => (await import("./junit/junit.ts")).junit],
  ["markdown", async () => (await import("./markdown/markdown.ts")).markdown],
  ["csv", async () => (await import("./spreadsheet/csv.ts")).csv],
  ["xlsx", async () => (await import("./spreadsheet/xlsx.ts")).xlsx],
  ["html", async () => (await import("./html/html.ts")).html],
  ["pdf", async () => (await import("./pdf/pdf.ts")).pdf],
  ["oscal", async () => (await import("./oscal/oscal.ts")).oscal],
  ["intoto", async () => (await import("./intoto/intoto.ts")).intoto],
  ["aws-allowed-images", async () => (await import("./gatekeepers/aws-allowed-images.ts")).awsAllowedImages],
  ["azure-policy", async () => (await import("./gatekeepers/azure-policy.ts")).azurePolicy],
  ["terraform", async () => (await import("./gatekeepers/terraform.ts")).terraform],
  ["cloud-custodian", async () => (await import("./gatekeepers/cloud-custodian.ts")).cloudCustodian],
]);
