import type { Resource } from "@opentelemetry/resources";
import type { Sampler, TracerProvider } from "@opentelemetry/sdk-trace";
import { load } from "../ledger/connect.ts";
import { numberOf, type Protocol } from "./otel-settings.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** Spans in batches to where OTEL_EXPORTER_OTLP_* says. Not registered anywhere: only we use it. */
export async function tracerProvider(
  env: Env,
  protocol: Protocol,
  resource: Resource,
): Promise<TracerProvider> {
  const [sdk, { OTLPTraceExporter }] = await Promise.all([
    load("@opentelemetry/sdk-trace", import("@opentelemetry/sdk-trace"), "OTEL_*"),
    protocol === "http/json"
      ? load(
          "@opentelemetry/exporter-trace-otlp-http",
          import("@opentelemetry/exporter-trace-otlp-http"),
          "OTEL_*",
        )
      : load(
          "@opentelemetry/exporter-trace-otlp-proto",
          import("@opentelemetry/exporter-trace-otlp-proto"),
          "OTEL_*",
        ),
  ]);
  const scheduledDelayMillis = numberOf(env, "OTEL_BSP_SCHEDULE_DELAY");
  const processor = new sdk.BatchSpanProcessor({
    exporter: new OTLPTraceExporter(),
    ...(scheduledDelayMillis === undefined ? {} : { scheduledDelayMillis }),
  });
  return new sdk.TracerProvider({ resource, sampler: samplerOf(env, sdk), spanProcessors: [processor] });
}

/** OTEL_TRACES_SAMPLER; every span of ours is a root, so that "parentbased" makes no difference. */
function samplerOf(env: Env, sdk: typeof import("@opentelemetry/sdk-trace")): Sampler {
  const name = (env.OTEL_TRACES_SAMPLER ?? "always_on").replace(/^parentbased_/, "");
  if (name === "always_off") return new sdk.AlwaysOffSampler();
  const ratio = Number(env.OTEL_TRACES_SAMPLER_ARG ?? 1);
  if (name === "traceidratio" && ratio >= 0 && ratio <= 1) return new sdk.TraceIdRatioBasedSampler(ratio);
  return new sdk.AlwaysOnSampler();
}
