import { ScanError } from "../../../src/errors.ts";

// Source: AWS SDKs and Tools Reference Guide, "Service-specific endpoints".

const FORM = "http://HOST[:PORT] or https://HOST[:PORT]";

/**
 * Looks at the variables by which the SDK sends requests elsewhere: AWS_ENDPOINT_URL and those of single services.
 * @throws ScanError `usage` that names the one that is no address
 */
export function checkEndpoints(env: NodeJS.ProcessEnv): void {
  if (env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS === "true") return;
  for (const service of ["", "_EC2", "_EBS", "_SSM", "_STS", "_SERVICE_QUOTAS"]) {
    const name = `AWS_ENDPOINT_URL${service}`;
    const value = env[name] ?? "";
    if (value !== "" && !/^https?:$/.test(URL.parse(value)?.protocol ?? ""))
      throw new ScanError("usage", `${name} is "${value}", which is no address: ${FORM}`);
  }
}

/** The same of the AWS configuration, whose files only the SDK reads. */
export function endpointFault(error: unknown): ScanError | undefined {
  if (!(error instanceof TypeError && "code" in error && error.code === "ERR_INVALID_URL")) return undefined;
  return new ScanError("usage", `endpoint_url in the AWS configuration is no address: ${FORM}`, {
    cause: error,
  });
}
