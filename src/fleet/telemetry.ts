import type { Judged } from "./scan.ts";
import type { Taken } from "./taker.ts";

/** What a worker tells OpenTelemetry; off unless the standard OTEL_* variables ask for it. */
export interface Telemetry {
  /** A span and the figures of one image. */
  scan(job: Taken, work: () => Promise<Judged>): Promise<Judged>;
  failed(queue: string, event: string): void;
  close(): Promise<void>;
}

export const noTelemetry: Telemetry = {
  scan: (_job, work) => work(),
  failed: () => undefined,
  close: async () => undefined,
};

export async function openTelemetry(
  _env: Readonly<Record<string, string | undefined>>,
  _engine: string,
): Promise<Telemetry> {
  return noTelemetry;
}
