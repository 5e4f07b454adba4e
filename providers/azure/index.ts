import { isReadError, ScanError } from "../../src/errors.ts";
import type { ImageRef } from "../../src/model/image.ts";
import type { ImageProvider, ListQuery, ProviderContext } from "../contract.ts";
import { climb, READ_ONLY } from "../ladder.ts";
import { throwTogether } from "../together.ts";
import { type Account, accountOf } from "./arm/account.ts";
import { Arm } from "./arm/arm.ts";
import { marketplaceImages } from "./images/marketplace.ts";
import { ownImages } from "./images/own.ts";
import { remoteGalleryImages } from "./images/remote-gallery.ts";
import { RUNGS } from "./ladder.ts";
import { type AzureTarget, parseTarget } from "./target.ts";

/** Images of the Azure marketplace, of galleries, and disks and snapshots of one's own. */
export const azure: ImageProvider = {
  id: "azure",

  async *list(words, context) {
    const target = parseTarget(words);
    const arm = new Arm(context.signal);
    const account = await accountFor(arm, target, context);
    const query = context.query ?? {};
    if (target.kind === "marketplace" && query.owners && target.publisher === undefined) {
      const missing: ScanError[] = [];
      for (const publisher of query.owners) {
        try {
          yield* imagesOf(arm, account, { ...target, publisher }, query);
        } catch (error) {
          if (!isReadError(error)) throw error;
          missing.push(error);
        }
      }
      throwTogether(missing);
      return;
    }
    yield* imagesOf(arm, account, target, query);
  },

  async open(image, context) {
    const target = parseTarget(image.id);
    const arm = new Arm(context.signal);
    const account = await accountFor(arm, target, context, image.account);
    // Images that were not listed just now may come without what the rungs have to know.
    const known =
      image.region === undefined ? await only(imagesOf(arm, account, target, { deprecated: true })) : image;
    return climb(
      RUNGS,
      { arm, account, target, image: known, context },
      { ...(context.climb ?? READ_ONLY), label: image.id, signal: context.signal },
    );
  },

  async remover() {
    const { newRemover } = await import("./remover.ts");
    return newRemover(new Arm());
  },

  async *doctor(where, context) {
    const { examine } = await import("./doctor.ts");
    yield* examine(where, context);
  },
};

function imagesOf(
  arm: Arm,
  account: Account,
  target: AzureTarget,
  query: ListQuery,
): AsyncIterable<ImageRef> {
  if (target.kind === "marketplace") return marketplaceImages(arm, account, target, query);
  if (target.kind === "own") return ownImages(arm, target, query);
  return remoteGalleryImages(arm, account, target, query);
}

/** Temporary disks go to the account's subscription; what is named by its id says itself where it is. */
async function accountFor(
  arm: Arm,
  target: AzureTarget,
  { query }: ProviderContext,
  listedAs?: string,
): Promise<Account> {
  const named = query?.account;
  if (named !== undefined) return accountOf(arm, named);
  return accountOf(arm, target.kind === "own" ? target.subscription : listedAs);
}

async function only(images: AsyncIterable<ImageRef>): Promise<ImageRef> {
  const [first, second] = await Array.fromAsync(images);
  if (!first || second) throw new ScanError("usage", "the id names more than one image, or none");
  return first;
}
