import type { Report } from "../model/report.ts";

/**
 * `1 image read in a cloud: 27 requests, 11.5 MiB, about 0.0001 USD`: what those took that a provider reached by one
 * of its ways, which is what it bills for. Undefined when there are none.
 */
export function cloudCostLine({ results }: Report): string | undefined {
  const reached = results.flatMap(({ access, cost }) => (access ? [{ ...cost, usd: access.costUsd }] : []));
  if (reached.length === 0) return undefined;
  const requests = sum(reached.map((one) => one.requests ?? 0));
  const mib = sum(reached.map(({ bytes }) => bytes)) / (1 << 20);
  const priced = reached.flatMap(({ usd }) => usd ?? []);
  const some = priced.length < reached.length ? ` for ${priced.length} of them` : "";
  const parts = [
    ...(requests > 0 ? [`${requests} requests`] : []),
    `${mib.toFixed(1)} MiB`,
    ...(priced.length > 0 ? [`about ${sum(priced).toFixed(4)} USD${some}`] : []),
  ];
  return `${reached.length} ${reached.length === 1 ? "image" : "images"} read in a cloud: ${parts.join(", ")}`;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
