import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { awsProvider } from "../../../providers/aws/index.ts";
import { DEFAULTS, type Settings } from "../../../providers/aws/settings.ts";
import type { ProviderEntry } from "../../../providers/contract.ts";
import { type Outcome, sixrayHere } from "../in-process.ts";
import { type FakeAws, fakeAws } from "./server.ts";

/** Waits of a fake that is quick. */
export const QUICK: Partial<Settings> = {
  rates: {
    "get-block": { perSecond: 1e5, burst: 1e4 },
    "list-blocks": { perSecond: 1e5, burst: 1e4 },
    look: { perSecond: 1e5, burst: 1e4 },
    change: { perSecond: 1e5, burst: 1e4 },
  },
  backOffMs: 2,
  pollMs: 2,
  patienceMs: 1000,
  idleMs: 1000,
  requestMs: 3000,
  deadlineMs: 3000,
  removalMs: 1000,
};

/** A fake AWS and a sixray that talks to it, in this process. */
export interface Lab extends FakeAws {
  /** Where the runs' journals are. */
  readonly state: string;
  sixray(...args: readonly string[]): Promise<Outcome>;
  /** The same with a signal that a test can abort. */
  sixrayUntil(signal: AbortSignal, ...args: readonly string[]): Promise<Outcome>;
}

/** Gone when the test is. */
export async function awsLab(settings: Partial<Settings> = {}): Promise<Lab> {
  const fake = await fakeAws();
  const state = mkdtempSync(join(tmpdir(), "sixray-aws-"));
  const before = Object.fromEntries(Object.keys(fake.env).map((name) => [name, process.env[name]]));
  Object.assign(process.env, fake.env);
  onTestFinished(async () => {
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    rmSync(state, { recursive: true, force: true });
    await fake.close();
  });
  const provider = awsProvider({ ...DEFAULTS, ...QUICK, ...settings });
  const entry: ProviderEntry = {
    id: "aws",
    takes: (target) => target.startsWith("aws:"),
    load: async () => provider,
  };
  const sixrayUntil = (signal: AbortSignal, ...args: readonly string[]): Promise<Outcome> =>
    sixrayHere([...args, "--state", state], { providers: [entry], signal, columns: 400 });
  return {
    ...fake,
    state,
    sixrayUntil,
    sixray: (...args) => sixrayUntil(new AbortController().signal, ...args),
  };
}
