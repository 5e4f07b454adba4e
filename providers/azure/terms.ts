import * as z from "zod";
import type { Account } from "./arm/account.ts";
import type { Arm } from "./arm/arm.ts";
import { faultOf } from "./arm/faults.ts";

const agreement = z.object({ properties: z.object({ accepted: z.boolean() }) });

/**
 * What is to be done about the terms of an image with a plan (`publisher:product:name`); undefined when they are
 * accepted, or when that cannot be told: then making the disk does. They are never accepted here.
 * Source: Azure REST API, Marketplace Agreements - Get.
 */
export async function termsMissing(
  arm: Arm,
  { subscription }: Account,
  plan: string | undefined,
): Promise<string | undefined> {
  if (plan === undefined) return undefined;
  const [publisher = "", offer = "", name = ""] = plan.split(":").map(encodeURIComponent);
  const path =
    `/subscriptions/${subscription}/providers/Microsoft.MarketplaceOrdering/offerTypes/virtualmachine` +
    `/publishers/${publisher}/offers/${offer}/plans/${name}/agreements/current`;
  try {
    const found = agreement.safeParse(await arm.get(path, "2021-01-01"));
    if (!found.success || found.data.properties.accepted) return undefined;
  } catch (error) {
    if (faultOf(error)) return undefined;
    throw error;
  }
  return `needs-terms: the plan's legal terms are not accepted; who may accept them: az vm image terms accept --publisher ${publisher} --offer ${offer} --plan ${name}`;
}
