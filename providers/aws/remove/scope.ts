import type { LeaseRecord } from "../../lease/record.ts";
import { type Place, parsePlace } from "../target.ts";

/** Where a resource is, as a journal keeps it. */
export function scopeOf({ region, profile }: Place): LeaseRecord["scope"] {
  return { region, ...(profile === undefined ? {} : { profile }) };
}

export function placeOf({ scope }: LeaseRecord): Place {
  return parsePlace(scope.region ?? "", scope.profile);
}
