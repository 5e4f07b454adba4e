import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { scrubberOf } from "../../src/fleet/secrets.ts";
import { noPostgres, type Postgres, postgres } from "../support/postgres.ts";
import { rangeServer } from "../support/range-server.ts";
import { enqueue, impatient, sixray, worker } from "./support.ts";

const FIXTURE = readFileSync(fileURLToPath(new URL("../fixtures/images/off-sysctl.qcow2", import.meta.url)));

const SECRETS = {
  database: "db-pass-5e1f",
  aws: "wJalrXUtnFEMIbPxRfiCYEXAMPLEKEY",
  webhook: "hook-77c1a9",
  header: "bearer-4411ee",
  signature: "sig-9d0c2b",
};

/** What a collector got, as text. */
async function collector(): Promise<{ readonly url: string; readonly got: Map<string, string> }> {
  const got = new Map<string, string>();
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on("end", () => {
      const path = request.url ?? "";
      got.set(path, (got.get(path) ?? "") + body);
      response.writeHead(200, { "content-type": "application/json" }).end("{}");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  return { url: `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`, got };
}

describe.skipIf(noPostgres())("logs and telemetry of a whole run", () => {
  let server: Postgres;
  beforeAll(async () => {
    server = await postgres();
  });

  test("name runs and images, and no secret", async () => {
    const images = await rangeServer({ "/off.qcow2": FIXTURE });
    // A download that goes on to a signed address, as object stores do, which then refuses.
    images.behaviour.redirects = new Map([
      ["/signed.qcow2", `/gone.qcow2?X-Amz-Signature=${SECRETS.signature}`],
    ]);
    const { url: endpoint, got } = await collector();
    const place = {
      url: server.create("secrets").replace("sixray@", `sixray:${SECRETS.database}@`),
      env: {
        AWS_SECRET_ACCESS_KEY: SECRETS.aws,
        SIXRAY_WEBHOOK_SECRET: SECRETS.webhook,
        OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
        OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
        OTEL_EXPORTER_OTLP_HEADERS: `authorization=${SECRETS.header}`,
        OTEL_SERVICE_NAME: "sixray-test",
      },
    };
    const run = enqueue(place, `${images.origin}/off.qcow2`, `${images.origin}/signed.qcow2`);
    await impatient(place.url);
    const one = worker(place, "--until-empty", "--log-level", "debug");
    // A database that goes away makes its client quote what it knows.
    await one.until(({ event }) => event === "image");
    await server.kill();
    await server.start();
    expect(await one.ended).toBe(3);
    const told = [
      one.text(),
      ...[
        ["fleet", "status"],
        ["fleet", "status", "--json"],
        ["runs", run],
        ["fleet", "retry"],
      ].map((args) => {
        const { out, err } = sixray(place, ...args);
        return out + err;
      }),
      ...got.values(),
    ].join("\n");
    for (const secret of Object.values(SECRETS)) expect(told).not.toContain(secret);
    expect(told).not.toContain("X-Amz-Signature");
    const lines = one.lines.filter(({ event }) => event === "image");
    expect(lines).toContainEqual(
      expect.objectContaining({ run, image: `${images.origin}/off.qcow2`, outcome: "scanned" }),
    );
    expect(one.lines).toContainEqual(
      expect.objectContaining({ event: "dead letter", image: `${images.origin}/signed.qcow2` }),
    );
    expect(got.get("/v1/traces")).toContain(run);
    expect(got.get("/v1/traces")).toContain("sixray-test");
    for (const name of ["sixray.images", "sixray.scan.duration", "sixray.requests", "sixray.jobs.failed"])
      expect(got.get("/v1/metrics")).toContain(name);
  }, 80_000);
});

test("whatever a library quotes, what may be secret is taken out", () => {
  const scrub = scrubberOf({
    DATABASE_URL: "postgres://app:p%40ss-word@db/fleet",
    AWS_SECRET_ACCESS_KEY: SECRETS.aws,
    OTEL_EXPORTER_OTLP_HEADERS: "api-key=k-123456789",
    HOME: "/root",
  });
  expect(scrub("auth failed for postgres://app:p%40ss-word@db/fleet")).toBe(
    "auth failed for postgres://[secret]@db/fleet",
  );
  expect(scrub("password p@ss-word is wrong")).toBe("password [secret] is wrong");
  expect(scrub(`signed with ${SECRETS.aws} by k-123456789`)).toBe("signed with [secret] by [secret]");
  expect(scrub("GET https://x/y.qcow2?sig=abc&se=1 failed in /root")).toBe(
    "GET https://x/y.qcow2?[secret] failed in /root",
  );
});
