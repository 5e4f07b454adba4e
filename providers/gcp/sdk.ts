import type * as ComputeSdk from "@google-cloud/compute/build/src/v1/index.js";
import type * as StorageSdk from "@google-cloud/storage";
import type { GoogleAuth } from "google-auth-library";
import { ScanError } from "../../src/errors.ts";
import { installed } from "../sdk.ts";

/** Where the API is, for tests: `http://127.0.0.1:1234`. Without it, Google's. */
const ENDPOINT = "SIXRAY_GCP_ENDPOINT";

export type Compute = typeof ComputeSdk;
export type ClientOptions = NonNullable<ConstructorParameters<Compute["ImagesClient"]>[0]>;
export type CallOptions = NonNullable<Parameters<InstanceType<Compute["ImagesClient"]>["listAsync"]>[1]>;

/** Loads Google's library, which is installed only where it is wanted. */
export async function computeSdk(): Promise<Compute> {
  // Not the package's own entry, which also loads 31 MB of code for gRPC and the beta API, for nothing.
  return loaded("@google-cloud/compute", () => import("@google-cloud/compute/build/src/v1/index.js"));
}

export async function storageSdk(): Promise<typeof StorageSdk> {
  return loaded("@google-cloud/storage", () => import("@google-cloud/storage"));
}

function loaded<T>(name: string, load: () => Promise<T>): Promise<T> {
  return installed(load, `reaching Google Cloud needs ${name}`, [name]);
}

/** The endpoint to use in place of Google's; plain http only on this machine. @throws usage */
export function endpointOverride(env: NodeJS.ProcessEnv = process.env): URL | undefined {
  const text = env[ENDPOINT];
  if (text === undefined || text === "") return undefined;
  const url = URL.parse(text);
  const isLoopback = url !== null && /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(url.hostname);
  if (!url || !(url.protocol === "https:" || (url.protocol === "http:" && isLoopback)))
    throw new ScanError("usage", `${ENDPOINT} takes an https URL, or http on this machine only: ${text}`);
  return url;
}

/** Options of every client: Google's default credentials, or none for an endpoint on this machine. */
export async function clientOptions(project: string | undefined): Promise<ClientOptions> {
  const base: ClientOptions = project === undefined ? {} : { projectId: project };
  const url = endpointOverride();
  if (!url) return { ...base, auth: await defaultCredentials(project) };
  const { hostname, protocol } = url;
  const isPlain = protocol === "http:";
  const reached = {
    ...base,
    apiEndpoint: hostname,
    port: Number(url.port || (isPlain ? 80 : 443)),
    protocol: isPlain ? "http" : "https",
  };
  if (!isPlain) return reached;
  const { PassThroughClient } = await loaded("google-auth-library", () => import("google-auth-library"));
  return { ...reached, authClient: new PassThroughClient() };
}

/**
 * Looked for before a client is made: a client that finds none rejects twice, once where nobody can catch it.
 * Rejects with Google's own error.
 */
async function defaultCredentials(project: string | undefined): Promise<GoogleAuth> {
  const { GoogleAuth } = await loaded("google-auth-library", () => import("google-auth-library"));
  const auth = new GoogleAuth({
    scopes: "https://www.googleapis.com/auth/cloud-platform",
    ...(project === undefined ? {} : { projectId: project }),
  });
  await auth.getClient();
  return auth;
}

/** A number that Google's library gives as number, string or Long. */
export function numberOf(
  value: number | string | { toString(): string } | null | undefined,
): number | undefined {
  if (value === undefined || value === null) return undefined;
  const number = Number(value.toString());
  return Number.isSafeInteger(number) ? number : undefined;
}
