import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { awsProvider } from "../../../providers/aws/index.ts";
import { DEFAULTS, type Settings } from "../../../providers/aws/settings.ts";
import type { ProviderEntry } from "../../../providers/contract.ts";
import { main } from "../../../src/cli/main.ts";
import type { Terminal } from "../../../src/cli/terminal.ts";
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

export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

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
  const sixrayUntil = async (signal: AbortSignal, ...args: readonly string[]): Promise<Outcome> => {
    const out: string[] = [];
    const err: string[] = [];
    const terminal: Terminal = {
      out: async (chunk) => void out.push(Buffer.from(chunk).toString()),
      err: (text) => void err.push(text),
      outIsTty: false,
      errIsTty: false,
      color: false,
      columns: 400,
      signal,
    };
    const code = await main([...args, "--state", state], terminal, [entry]);
    return { code, out: out.join(""), err: err.join("") };
  };
  return {
    ...fake,
    state,
    sixrayUntil,
    sixray: (...args) => sixrayUntil(new AbortController().signal, ...args),
  };
}
