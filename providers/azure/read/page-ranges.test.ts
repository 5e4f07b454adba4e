import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import fc from "fast-check";
import { expect, test } from "vitest";
import { isHole, type PageRange, pageRangesIn } from "./page-ranges.ts";

function reply(xml: string): IncomingMessage {
  const message = new IncomingMessage(new Socket());
  message.push(xml);
  message.push(null);
  return message;
}

const list = (ranges: readonly PageRange[]): string =>
  `<?xml version="1.0"?><PageList>${ranges
    .map(({ start, end }) => `<PageRange><Start>${start}</Start><End>${end - 1}</End></PageRange>`)
    .join("")}</PageList>`;

test("a hole is what no range touches", async () => {
  const gaps = fc.array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 1, max: 5 })), {
    maxLength: 20,
  });
  await fc.assert(
    fc.asyncProperty(gaps, fc.nat(200), fc.integer({ min: 1, max: 20 }), async (steps, start, length) => {
      let at = 0;
      const written = new Set<number>();
      const ranges = steps.map(([gap, run]) => {
        const range = { start: at + gap, end: at + gap + run };
        for (let byte = range.start; byte < range.end; byte++) written.add(byte);
        at = range.end;
        return range;
      });
      const read = await pageRangesIn(reply(list(ranges)), 1000, "x");
      expect(read).toEqual(ranges);
      const touched = Array.from({ length }, (_, index) => written.has(start + index)).includes(true);
      expect(isHole(ranges, start, start + length)).toBe(!touched);
    }),
  );
});

test.each([
  ["cut off", "<PageList><PageRange><Start>0</Start><End>511</End></PageRange>"],
  ["beyond the blob", list([{ start: 512, end: 5000 }])],
  [
    "going back",
    list([
      { start: 512, end: 1024 },
      { start: 0, end: 512 },
    ]),
  ],
  ["a range without an end", "<PageList><PageRange><Start>0</Start></PageRange></PageList>"],
  ["no list", "<Error/>"],
])("%s: never taken for holes", async (_, xml) => {
  await expect(pageRangesIn(reply(xml), 4096, "x")).rejects.toThrow("the list of pages makes no sense");
});

test("a list in parts is not used", async () => {
  const xml =
    "<PageList><PageRange><Start>0</Start><End>511</End></PageRange><NextMarker>m</NextMarker></PageList>";
  expect(await pageRangesIn(reply(xml), 4096, "x")).toBeUndefined();
});
