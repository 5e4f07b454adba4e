import fc from "fast-check";
import { expect, test } from "vitest";
import { Assembler, framesOf } from "./frames.ts";

const TOKEN = "0123456789abcdef0123456789abcdef";
const bytes = fc.uint8Array({ minLength: 1, maxLength: 3000 });

test("in whatever pieces a port shows them, repeated, spoilt, lost and among noise, messages come out whole or not at all", () => {
  let whole = 0;
  fc.assert(
    fc.property(
      bytes,
      fc.integer({ min: 16, max: 700 }),
      fc.array(
        fc.record({
          at: fc.nat(),
          length: fc.integer({ min: 0, max: 900 }),
          noise: fc.string({ maxLength: 60 }),
        }),
        {
          maxLength: 6,
        },
      ),
      fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 20 }),
      (message, frameBytes, damage, cuts) => {
        const once = framesOf(TOKEN, 3, message, frameBytes).join("");
        let shown = once.repeat(3);
        for (const { at, length, noise } of damage) {
          const from = at % shown.length;
          shown = shown.slice(0, from) + noise + shown.slice(from + length);
        }
        const assembler = new Assembler(TOKEN);
        for (let at = 0, i = 0; at < shown.length; i++) {
          const size = cuts[i % cuts.length] ?? 1;
          assembler.take(shown.slice(at, at + size));
          at += size;
        }
        const got = assembler.message(3);
        if (got) {
          expect(Buffer.compare(got, message)).toBe(0);
          whole++;
        }
        // The last repetition is whole when all damage lies before it.
        const clean = damage.every(
          ({ at, length }) => (at % once.length) + length < once.length && at < once.length,
        );
        if (damage.length === 0 || clean) expect(got).toBeDefined();
      },
    ),
    { numRuns: 500, seed: 8 },
  );
  expect(whole).toBeGreaterThan(100);
});

test("a buffer that wraps around: what one look missed the next repetition brings", () => {
  const message = Uint8Array.from({ length: 200_000 }, (_, i) => (i * 7919) % 251);
  const once = framesOf(TOKEN, 0, message).join("");
  const printed = once.repeat(6);
  const assembler = new Assembler(TOKEN);
  const buffer = 50_000;
  // Each look sees only the newest part of what was printed since the last one.
  for (let shown = 0, next = 0; shown < printed.length; shown += 73_123) {
    const end = Math.min(shown + 73_123, printed.length);
    const start = Math.max(next, end - buffer);
    assembler.take(printed.slice(start, end), start !== next);
    next = end;
  }
  expect(assembler.message(0)).toEqual(message);
});

test("frames of another run, of an older message, and forged ones are left out", () => {
  const message = new Uint8Array(100).fill(1);
  const assembler = new Assembler(TOKEN);
  assembler.take(framesOf("f".repeat(32), 0, message).join(""));
  expect(assembler.message(0)).toBeUndefined();
  const [frame = ""] = framesOf(TOKEN, 0, message);
  assembler.take(frame.replace(`${TOKEN} 0 0 1`, `${TOKEN} 1 0 1`));
  expect([assembler.message(1), assembler.damaged]).toEqual([undefined, 1]);
  const [newer = ""] = framesOf(TOKEN, 5, message, 60);
  assembler.take(newer + framesOf(TOKEN, 4, message, 60)[0]);
  expect(assembler.progress).toEqual({ message: 5, have: 1, count: 2 });
});
