import type { Intent, LeaseRecord } from "../../lease/record.ts";
import type { Account } from "../api/account.ts";
import { type Place, parsePlace } from "../target.ts";

/** Where a resource is, as a journal keeps it. */
export function scopeOf({ region, profile }: Place): LeaseRecord["scope"] {
  return { region, ...(profile === undefined ? {} : { profile }) };
}

/** What is about to be made in an account. */
export async function intentIn(account: Account, kind: string, name: string): Promise<Intent> {
  return { provider: "aws", kind, scope: scopeOf(account.place), owner: await account.owner(), name };
}

export function placeOf({ scope }: LeaseRecord): Place {
  return parsePlace(scope.region ?? "", scope.profile);
}
