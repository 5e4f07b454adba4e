import { load } from "../ledger/connect.ts";
import { endpointsOf } from "./otel-settings.ts";
import type { Judged } from "./scan.ts";
import type { Taken } from "./taker.ts";

/** What a worker tells OpenTelemetry: a span and figures for every image. Nothing here may fail a job. */
export interface Telemetry {
  scan(job: Taken, work: () => Promise<Judged>): Promise<Judged>;
  /** `trying again`, `dead letter`, `handed back`. */
  failed(queue: string, event: string): void;
  close(): Promise<void>;
}

export const noTelemetry: Telemetry = {
  scan: (_job, work) => work(),
  failed: () => undefined,
  close: async () => undefined,
};

/** How long the last figures may take on their way out. */
const CLOSE_MS = 5_000;

type Env = Readonly<Record<string, string | undefined>>;

/** Off unless the standard variables name an endpoint (OpenTelemetry specification, "OTLP exporter"). @throws usage */
export async function openTelemetry(env: Env, engine: string): Promise<Telemetry> {
  const { traces, metrics } = endpointsOf(env);
  if (!traces && !metrics) return noTelemetry;
  const [api, resources] = await Promise.all([
    load("@opentelemetry/api", import("@opentelemetry/api"), "OTEL_*"),
    load("@opentelemetry/resources", import("@opentelemetry/resources"), "OTEL_*"),
  ]);
  const [name = "sixray", version = ""] = engine.split(" ");
  // OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES come before what we say.
  const resource = resources
    .resourceFromAttributes({ "service.name": name, "service.version": version, "process.pid": process.pid })
    .merge(resources.detectResources({ detectors: [resources.envDetector] }));
  const [tracing, metering] = await Promise.all([
    traces ? (await import("./otel-traces.ts")).tracerProvider(env, traces, resource) : undefined,
    metrics ? (await import("./otel-metrics.ts")).meterProvider(env, metrics, resource) : undefined,
  ]);
  const tracer = tracing?.getTracer(name, version);
  const meter = metering?.getMeter(name, version);
  const images = meter?.createCounter("sixray.images", { description: "Images judged, known or failed" });
  const failures = meter?.createCounter("sixray.jobs.failed", { description: "Jobs that did not work out" });
  const running = meter?.createUpDownCounter("sixray.jobs.running", { description: "Images in hand" });
  const requests = meter?.createCounter("sixray.requests", { description: "Requests to providers" });
  const bytes = meter?.createCounter("sixray.read", { unit: "By", description: "Bytes read of images" });
  const duration = meter?.createHistogram("sixray.scan.duration", {
    unit: "s",
    description: "From taking a job to its verdict",
    advice: { explicitBucketBoundaries: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800] },
  });
  return {
    async scan(job, work) {
      const span = tracer?.startSpan("scan", {
        kind: api.SpanKind.CONSUMER,
        attributes: { "sixray.attempt": job.attempt },
      });
      const begun = performance.now();
      running?.add(1);
      try {
        const judged = await work();
        const { entry, run, cost } = judged;
        const { provider, id } = entry.image;
        const labels = { provider, outcome: entry.outcome, verdict: entry.verdict };
        images?.add(1, labels);
        duration?.record((performance.now() - begun) / 1000, { provider, outcome: entry.outcome });
        requests?.add(cost?.requests ?? 0, { provider });
        bytes?.add(cost?.bytes ?? 0, { provider });
        span?.setAttributes({
          "sixray.run": run.id,
          "sixray.image": id,
          "sixray.provider": provider,
          "sixray.outcome": entry.outcome,
          "sixray.verdict": entry.verdict,
        });
        return judged;
      } catch (error) {
        // Without the message: it may quote what a server was given.
        span?.setStatus({ code: api.SpanStatusCode.ERROR });
        throw error;
      } finally {
        running?.add(-1);
        span?.end();
      }
    },
    failed: (queue, event) => failures?.add(1, { queue, event }),
    async close() {
      const closing = Promise.allSettled([tracing?.shutdown(), metering?.shutdown()]);
      await Promise.race([closing, new Promise((resolve) => setTimeout(resolve, CLOSE_MS).unref())]);
    },
  };
}
