import { setTimeout as sleep } from "node:timers/promises";
import { freshName, type Holdings } from "../../lease/holdings.ts";
import { TAG } from "../../lease/record.ts";
import { type Account, CallFailed } from "../api/account.ts";
import { ofLease } from "../api/tags.ts";
import { intentIn } from "../remove/scope.ts";
import type { Reach } from "./reach.ts";

/** How often a create call without client token is sent, at most. */
const SENDS_MAX = 3;
/** How often what it may have made is looked for before it is sent again: AWS may take a moment to show it. */
const LOOKS_MAX = 2;

/** Something made by a call that has no client token. */
export interface Creation {
  readonly kind: string;
  /** Sends the call, once; resolves to the id of what it made. */
  send(name: string, tags: Readonly<Record<string, string>>): Promise<string>;
  /** Ids of what carries the tags. */
  find(filters: ReturnType<typeof ofLease>): Promise<readonly string[]>;
}

/**
 * Makes one thing by a call that has no client token. When it is unclear whether it was done, what it made is looked
 * for by its tags. Only when that shows nothing is it sent again, under a lease of its own: what came to be late
 * all the same is found by the first one when everything is removed.
 */
export async function createOnce(
  reach: Reach,
  account: Account,
  holdings: Holdings,
  creation: Creation,
): Promise<string> {
  const { kind } = creation;
  for (let sent = 1; ; sent++) {
    const name = freshName();
    let unmade = false;
    try {
      return await holdings.create(await intentIn(account, kind, name), async (tags) => {
        try {
          return await creation.send(name, tags);
        } catch (error) {
          if (!(error instanceof CallFailed) || error.answer.trouble !== "passing") throw error;
          const found = await lookFor(reach, account, creation, tags, error);
          unmade = found === undefined;
          if (found === undefined) throw error;
          return found;
        }
      });
    } catch (error) {
      if (!unmade || sent >= SENDS_MAX) throw error;
      await pause(account.settings.backOffMs * 2 ** sent, reach.signal);
    }
  }
}

/** Rejects with `failure` when it cannot be told. */
async function lookFor(
  { signal, tell }: Reach,
  account: Account,
  { kind, find }: Creation,
  tags: Readonly<Record<string, string>>,
  failure: CallFailed,
): Promise<string | undefined> {
  tell(`looking whether the ${kind} was made: ${failure.message}`);
  const filters = ofLease({ lease: tags[TAG.lease] ?? "" });
  for (let looks = 0; looks < LOOKS_MAX; looks++) {
    await pause(account.settings.pollMs * 2 ** looks, signal);
    try {
      const [found] = await find(filters);
      if (found !== undefined) return found;
    } catch (error) {
      throw error instanceof CallFailed ? failure : error;
    }
  }
  return undefined;
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return sleep(ms, undefined, signal ? { signal } : {});
}
