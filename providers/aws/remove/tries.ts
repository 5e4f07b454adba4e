import { setTimeout as sleep } from "node:timers/promises";
import { type Account, CallFailed } from "../api/account.ts";

/** What a removal has to wait for: a user of the resource that is going itself. */
const IN_THE_WAY = /InUse$|^DependencyViolation$|^IncorrectState$|^IncorrectInstanceState$/;

/**
 * Removes one thing. Gone already is removed, too; what stands in the way is waited for, after `makeWay` did what it
 * can. Rejects with CallFailed when AWS goes on refusing.
 */
export async function removeThing(
  account: Account,
  name: string,
  send: () => Promise<unknown>,
  makeWay: () => Promise<void> = async () => undefined,
): Promise<void> {
  const { pollMs, removalMs } = account.settings;
  const started = performance.now();
  for (;;) {
    try {
      await account.call(name, "change", send);
      return;
    } catch (error) {
      if (!(error instanceof CallFailed)) throw error;
      const { code, trouble } = error.answer;
      if (trouble === "absent" || /\.(?:NotFound|Unavailable|Malformed)$/.test(code)) return;
      if (!IN_THE_WAY.test(code) || performance.now() - started > removalMs) throw error;
      await makeWay();
      await sleep(pollMs);
    }
  }
}

/** What a create call made whose answer never came: AWS may take a moment to show it. */
export async function findTwice<T>(
  account: Account,
  find: () => Promise<readonly T[]>,
): Promise<readonly T[]> {
  const found = await find();
  if (found.length > 0) return found;
  await sleep(account.settings.pollMs);
  return find();
}
