import type { Check } from "../../contract.ts";
import { type Account, CallFailed } from "../api/account.ts";

/** Quotas of EBS that scans run into, by parts of their names. */
const WANTED = /GetSnapshotBlock|ListSnapshotBlocks|Concurrent snapshot copies|Snapshots per Region/i;
const PAGES_MAX = 20;

export async function quotaChecks(
  account: Account,
  signal: AbortSignal | undefined,
): Promise<readonly Check[]> {
  try {
    const found: Check[] = [];
    const { client, sdk } = await account.quotas();
    let token: string | undefined;
    for (let pages = 0; pages < PAGES_MAX; pages++) {
      const page = await account.call(
        "ListServiceQuotas",
        "look",
        () =>
          client.send(
            new sdk.ListServiceQuotasCommand({
              ServiceCode: "ebs",
              ...(token === undefined ? {} : { NextToken: token }),
            }),
          ),
        { signal },
      );
      for (const { QuotaName = "", Value } of page.Quotas ?? [])
        if (WANTED.test(QuotaName))
          found.push({ what: "quota", outcome: "ok", detail: `${QuotaName}: ${Value}` });
      token = page.NextToken;
      if (token === undefined) break;
    }
    return found;
  } catch (error) {
    if (!(error instanceof CallFailed)) throw error;
    return [{ what: "quotas", outcome: "unknown", detail: error.answer.text }];
  }
}
