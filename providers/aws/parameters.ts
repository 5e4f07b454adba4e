import { ScanError } from "../../src/errors.ts";
import { Pages } from "../pages.ts";
import { type Account, CallFailed } from "./api/account.ts";
import { idOf } from "./target.ts";

// Source: Systems Manager reference, GetParameter and GetParametersByPath; "Calling AMI public parameters".

const PARAMETERS_MAX = 10_000;

/**
 * The AMIs that an SSM parameter, or all parameters below a path, name: `/aws/service/ami-amazon-linux-latest`.
 * In the order of the parameters, each once. @throws ScanError `access` when there is no such parameter
 */
export async function imagesOfParameter(
  account: Account,
  name: string,
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  const values = (await oneParameter(account, name, signal)) ?? (await below(account, name, signal));
  if (values.length === 0)
    throw new ScanError("access", `there is no SSM parameter ${name} in ${account.place.region}`);
  const ids = [...new Set(values.flatMap(imagesIn))];
  if (ids.length === 0)
    throw new ScanError("access", `the SSM parameter ${name} names no image`, {
      at: [idOf(account.place, `ssm:${name}`)],
    });
  return ids;
}

async function oneParameter(
  account: Account,
  name: string,
  signal: AbortSignal | undefined,
): Promise<readonly string[] | undefined> {
  const { client, sdk } = await account.ssm();
  try {
    const { Parameter } = await account.call(
      "GetParameter",
      "look",
      (abortSignal) =>
        client.send(new sdk.GetParameterCommand({ Name: name }), abortSignal ? { abortSignal } : {}),
      { signal },
    );
    return Parameter?.Value === undefined ? undefined : [Parameter.Value];
  } catch (error) {
    if (error instanceof CallFailed && error.answer.trouble === "absent") return undefined;
    throw error;
  }
}

async function below(
  account: Account,
  path: string,
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  const { client, sdk } = await account.ssm();
  const values: { readonly name: string; readonly value: string }[] = [];
  const pages = new Pages("GetParametersByPath");
  let token: string | undefined;
  do {
    const page = await account.call(
      "GetParametersByPath",
      "look",
      (abortSignal) =>
        client.send(
          new sdk.GetParametersByPathCommand({
            Path: path.replace(/(?<=.)\/$/, ""),
            Recursive: true,
            MaxResults: 10,
            ...(token === undefined ? {} : { NextToken: token }),
          }),
          abortSignal ? { abortSignal } : {},
        ),
      { signal },
    );
    for (const { Name = "", Value = "" } of page.Parameters ?? []) values.push({ name: Name, value: Value });
    if (values.length > PARAMETERS_MAX)
      throw new ScanError("limit", `more than ${PARAMETERS_MAX} SSM parameters below ${path}`);
    token = pages.next(page.NextToken);
  } while (token !== undefined);
  return values.toSorted((a, b) => (a.name < b.name ? -1 : 1)).map(({ value }) => value);
}

/** A value is an id, or (for EKS, ECS and others) JSON that has one in it. */
function imagesIn(value: string): readonly string[] {
  return value.match(/\bami-[0-9a-f]{8,17}\b/g) ?? [];
}
