import type { TokenCredential } from "@azure/identity";
import { ScanError } from "../../../src/errors.ts";
import { identitySdk } from "./sdk.ts";

/*
 * In GitHub Actions the assertion that azure/login got lives five minutes and a run may take longer: a fresh one is
 * asked for whenever Entra ID wants one. Source: "Security hardening your deployments: OpenID Connect", GitHub docs.
 */

const AUDIENCE = "api://AzureADTokenExchange";

/**
 * The default chain of @azure/identity, with GitHub's identity before it where there is one. `authority` gives the
 * tokens where AZURE_AUTHORITY_HOST names no other place.
 */
export async function newCredential(
  authority?: string,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<TokenCredential> {
  const { ClientAssertionCredential, DefaultAzureCredential, ChainedTokenCredential } = await identitySdk();
  const place =
    authority === undefined || environment.AZURE_AUTHORITY_HOST ? {} : { authorityHost: authority };
  const chain = new DefaultAzureCredential(place);
  const { AZURE_TENANT_ID: tenant, AZURE_CLIENT_ID: client } = environment;
  const { ACTIONS_ID_TOKEN_REQUEST_URL: url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: token } = environment;
  if (!tenant || !client || !url || !token || environment.AZURE_CLIENT_SECRET) return chain;
  const github = new ClientAssertionCredential(tenant, client, () => githubAssertion(url, token), place);
  return new ChainedTokenCredential(github, chain);
}

/** A token of the job's identity, good for one exchange. @throws access */
export async function githubAssertion(requestUrl: string, requestToken: string): Promise<string> {
  const url = URL.parse(requestUrl);
  const loopback = url?.protocol === "http:" && /^127\.|^localhost$/.test(url.hostname);
  if (!url || (url.protocol !== "https:" && !loopback))
    throw new ScanError("access", "ACTIONS_ID_TOKEN_REQUEST_URL is no https address");
  url.searchParams.set("audience", AUDIENCE);
  const reply = await fetch(url, {
    headers: { authorization: `Bearer ${requestToken}`, accept: "application/json" },
    redirect: "error",
    signal: AbortSignal.timeout(30_000),
  });
  const body: unknown = reply.ok ? await reply.json() : undefined;
  const value =
    typeof body === "object" && body !== null && "value" in body && typeof body.value === "string"
      ? body.value
      : undefined;
  if (value === undefined)
    throw new ScanError(
      "access",
      `GitHub gives this job no identity token (${reply.status}): does the workflow have "permissions: id-token: write"?`,
    );
  return value;
}
