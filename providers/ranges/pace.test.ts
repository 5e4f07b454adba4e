import { expect, test } from "vitest";
import { Pace } from "./pace.ts";

/** Milliseconds a request is under way. */
const LATENCY = 20;
const CLIENTS = 64;

/** A server with a bucket of a tenth of a second, asked by 64 at a time: what was served each second, and refused. */
function against(
  limit: (second: number) => number,
  { seconds, unlucky = 0 }: { readonly seconds: number; readonly unlucky?: number },
): { readonly used: readonly number[]; readonly refused: number } {
  let now = 0;
  const pace = new Pace(() => now);
  const used = Array.from({ length: seconds }, () => 0);
  let [refused, asked, tokens] = [0, 0, limit(0) / 10];
  // When each client's request arrives; asks for its turn first, where it paused.
  const arrives = Array.from({ length: CLIENTS }, () => LATENCY);
  const paused = new Set<number>();
  for (now = 0; now < seconds * 1000; now++) {
    const rate = limit(now / 1000);
    tokens = Math.min(Math.max(1, rate / 10), tokens + rate / 1000);
    for (const [client, at] of arrives.entries()) {
      if (at > now) continue;
      if (paused.delete(client)) {
        arrives[client] = now + pace.reserve() + LATENCY;
        continue;
      }
      asked++;
      if (tokens >= 1 && !(unlucky > 0 && asked % Math.round(1 / unlucky) === 0)) {
        tokens--;
        const second = Math.floor(now / 1000);
        used[second] = (used[second] ?? 0) + 1;
        pace.answered();
        arrives[client] = now + pace.reserve() + LATENCY;
      } else {
        refused++;
        pace.tooMuch();
        paused.add(client);
        arrives[client] = now + 1000;
      }
    }
  }
  return { used, refused };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

test.each([20, 50, 200, 900])("of a limit of %d requests a second nine tenths are used", (limit) => {
  const { used, refused } = against(() => limit, { seconds: 40 });
  const share = sum(used.slice(10)) / (30 * limit);
  console.log(`limit ${limit}: ${Math.round(share * 100)} % used, ${refused} refused`);
  expect(share).toBeGreaterThan(0.9);
  // The first second tells 64 clients at once that it is too much.
  expect(refused).toBeLessThan(0.1 * sum(used) + 250);
});

test("a limit that falls is kept, and one that rises again is found", () => {
  const { used } = against((second) => (second < 15 ? 200 : second < 30 ? 40 : 200), { seconds: 60 });
  expect(sum(used.slice(20, 30)) / 400).toBeGreaterThan(0.8);
  expect(sum(used.slice(50)) / 2000).toBeGreaterThan(0.9);
});

test("a refusal now and then, at no limit, costs little", () => {
  const { used } = against(() => 1e9, { seconds: 20, unlucky: 0.02 });
  // What 64 clients can do: 3,200 a second, and one of fifty waits for a second.
  console.log(`with 2 % refused: ${Math.round(sum(used.slice(5)) / 15)} a second`);
  expect(sum(used.slice(5)) / 15).toBeGreaterThan(1000);
});
