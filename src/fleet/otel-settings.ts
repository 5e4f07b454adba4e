import { ScanError } from "../errors.ts";

type Env = Readonly<Record<string, string | undefined>>;

export type Protocol = "http/protobuf" | "http/json";

export interface Endpoints {
  /** How to send them, or undefined: not at all. */
  readonly traces: Protocol | undefined;
  readonly metrics: Protocol | undefined;
}

/**
 * What the environment asks for; the address, headers, time limits and certificates are read by the exporters.
 * Source: OpenTelemetry specification, "Environment variable specification" and "OTLP exporter configuration".
 */
export function endpointsOf(env: Env): Endpoints {
  const asked = (signal: "TRACES" | "METRICS"): Protocol | undefined => {
    const exporter = env[`OTEL_${signal}_EXPORTER`];
    const endpoint = env[`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`] ?? env.OTEL_EXPORTER_OTLP_ENDPOINT;
    if (env.OTEL_SDK_DISABLED?.toLowerCase() === "true" || exporter === "none") return undefined;
    if (exporter !== undefined && exporter !== "" && exporter !== "otlp")
      throw new ScanError("usage", `OTEL_${signal}_EXPORTER is otlp or none here`);
    if (!endpoint && exporter !== "otlp") return undefined;
    const protocol =
      env[`OTEL_EXPORTER_OTLP_${signal}_PROTOCOL`] ?? env.OTEL_EXPORTER_OTLP_PROTOCOL ?? "http/protobuf";
    if (protocol !== "http/protobuf" && protocol !== "http/json")
      throw new ScanError(
        "usage",
        "OTEL_EXPORTER_OTLP_PROTOCOL is http/protobuf or http/json here (grpc is not built in)",
      );
    return protocol;
  };
  return { traces: asked("TRACES"), metrics: asked("METRICS") };
}

/** A whole number of milliseconds or items from the environment. */
export function numberOf(env: Env, name: string): number | undefined {
  const value = Number(env[name]);
  return env[name] !== undefined && Number.isInteger(value) && value > 0 ? value : undefined;
}
