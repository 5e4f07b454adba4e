import * as z from "zod";
import { ScanError } from "../../../src/errors.ts";
import type { Arm } from "./arm.ts";
import { telling } from "./faults.ts";

/** Whose name things are asked for in, and where what is temporary goes. */
export interface Account {
  readonly subscription: string;
  /** Where temporary disks are made: it exists, and sixray makes no other. */
  readonly group?: string;
}

export const groupHint = "SIXRAY_AZURE_RESOURCE_GROUP, or --account SUBSCRIPTION/GROUP";

const subscriptions = z.object({
  value: z.array(z.object({ subscriptionId: z.string(), displayName: z.string().optional() })),
});

/**
 * `--account SUBSCRIPTION[/GROUP]` (also `/subscriptions/…`), else AZURE_SUBSCRIPTION_ID and SIXRAY_AZURE_RESOURCE_GROUP, else the only
 * subscription there is.
 * @throws usage, access
 */
export async function accountOf(arm: Arm, named: string | undefined): Promise<Account> {
  const [wanted = "", wantedGroup] = wordsOf(named ?? "");
  const subscription = wanted || process.env.AZURE_SUBSCRIPTION_ID || (await onlySubscription(arm));
  const group = wantedGroup ?? process.env.SIXRAY_AZURE_RESOURCE_GROUP;
  if (!/^[\w-]{1,64}$/.test(subscription) || (group && !/^[\p{L}\p{N}_.()-]{1,90}$/u.test(group)))
    throw new ScanError("usage", "--account takes a subscription id, or id/resource-group");
  return { subscription, ...(group ? { group } : {}) };
}

/** Subscription and resource group of `ID`, `ID/GROUP`, and the same as Azure writes them. */
export function wordsOf(named: string): readonly string[] {
  const [, subscription = "", group] =
    /^\/subscriptions\/([^/]*)(?:\/resourceGroups\/([^/]*))?\/?$/i.exec(named) ?? [];
  if (subscription !== "") return group === undefined ? [subscription] : [subscription, group];
  const [id = "", inId, ...more] = named.split("/");
  // What is no form of it is told as a whole.
  return more.length > 0 ? [named] : inId === undefined ? [id] : [id, inId];
}

async function onlySubscription(arm: Arm): Promise<string> {
  const { value } = await telling("subscriptions", async () =>
    subscriptions.parse(await arm.get("/subscriptions", "2022-12-01")),
  );
  const [first, second] = value;
  if (!first)
    throw new ScanError(
      "access",
      "these credentials see no Azure subscription: az account list shows which there are",
    );
  if (second) {
    const names = value
      .slice(0, 8)
      .map(({ subscriptionId, displayName }) => `${subscriptionId} (${displayName})`);
    throw new ScanError(
      "usage",
      `name a subscription with --account or AZURE_SUBSCRIPTION_ID: ${names.join(", ")}`,
    );
  }
  return first.subscriptionId;
}
