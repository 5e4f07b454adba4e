import type { ImageProvider, ProviderEntry } from "../../providers/contract.ts";
import { ScanError } from "../errors.ts";

/** A cloud, and where in it. */
export interface Place {
  readonly provider: string;
  /** Empty: where the credentials point. */
  readonly where: readonly string[];
}

/** `aws:us-east-1` and `aws`, the places of one cloud together. */
export function parsePlaces(words: readonly string[]): readonly Place[] {
  const places = new Map<string, string[]>();
  for (const word of words) {
    const [, provider = "", place = ""] = /^([a-z]+)(?::(.*))?$/.exec(word) ?? [];
    if (provider === "") throw new ScanError("usage", `${word}: name a cloud, or cloud:place`);
    const known = places.get(provider) ?? [];
    places.set(provider, place === "" ? known : [...known, ...place.split(",")]);
  }
  return [...places].map(([provider, where]) => ({ provider, where }));
}

/** Rejects with `usage` when there is no such provider. */
export async function loadProvider(id: string, providers: readonly ProviderEntry[]): Promise<ImageProvider> {
  const entry = providers.find((one) => one.id === id);
  if (!entry)
    throw new ScanError("usage", `no provider ${id}; there are ${providers.map((one) => one.id).join(", ")}`);
  return entry.load();
}
