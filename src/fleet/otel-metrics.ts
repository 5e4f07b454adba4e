import type { Resource } from "@opentelemetry/resources";
import type { MeterProvider } from "@opentelemetry/sdk-metrics";
import { load } from "../ledger/connect.ts";
import { numberOf, type Protocol } from "./otel-settings.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** Figures every OTEL_METRIC_EXPORT_INTERVAL (a minute), and at the end. Not registered anywhere: only we use it. */
export async function meterProvider(
  env: Env,
  protocol: Protocol,
  resource: Resource,
): Promise<MeterProvider> {
  const [sdk, { OTLPMetricExporter }] = await Promise.all([
    load("@opentelemetry/sdk-metrics", import("@opentelemetry/sdk-metrics"), "OTEL_*"),
    protocol === "http/json"
      ? load(
          "@opentelemetry/exporter-metrics-otlp-http",
          import("@opentelemetry/exporter-metrics-otlp-http"),
          "OTEL_*",
        )
      : load(
          "@opentelemetry/exporter-metrics-otlp-proto",
          import("@opentelemetry/exporter-metrics-otlp-proto"),
          "OTEL_*",
        ),
  ]);
  const exportIntervalMillis = numberOf(env, "OTEL_METRIC_EXPORT_INTERVAL") ?? 60_000;
  const exportTimeoutMillis = Math.min(
    numberOf(env, "OTEL_METRIC_EXPORT_TIMEOUT") ?? 30_000,
    exportIntervalMillis,
  );
  const reader = new sdk.PeriodicExportingMetricReader({
    exporter: new OTLPMetricExporter(),
    exportIntervalMillis,
    exportTimeoutMillis,
  });
  return new sdk.MeterProvider({ resource, readers: [reader] });
}
