import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { z } from "zod";
import { type Outcome, sixrayHere } from "../support/in-process.ts";
import { rangeServer } from "../support/range-server.ts";

const IMAGE = readFileSync(fileURLToPath(new URL("../fixtures/images/on.qcow2", import.meta.url)));
const REPORT = z.object({
  results: z.array(
    z.object({
      verdict: z.string(),
      cost: z.object({ reads: z.number(), bytes: z.number(), rounds: z.number(), requests: z.number() }),
      notes: z.array(z.string()).optional(),
    }),
  ),
});

const sixray = (...args: readonly string[]): Promise<Outcome> => sixrayHere(args);

test("an image behind a URL is judged in few requests, which are told", async () => {
  const { origin, log } = await rangeServer({ "/on.qcow2": IMAGE });
  const { code, out } = await sixray("scan", "--format", "json", `${origin}/on.qcow2`);
  expect(code).toBe(1);
  const [result] = REPORT.parse(JSON.parse(out)).results;
  expect(result?.verdict).toBe("flagged");
  expect(result?.cost.requests).toBe(log.length);
  console.log(`http: ${JSON.stringify(result?.cost)}`);
  expect(log.length).toBeLessThanOrEqual(60);
  expect((await sixray("inspect", `${origin}/on.qcow2`)).out).toMatch(/\d+ requests/);
});

test("one that changes half way is judged anew; one that goes on changing is unreadable", async () => {
  const { origin, behaviour, log } = await rangeServer({ "/on.qcow2": IMAGE });
  const changes = (times: number): void => {
    const { push } = log;
    log.push = (...lines) => {
      if (log.length === 6 || (times > 1 && log.length % 6 === 0)) behaviour.etag = `"changed ${log.length}"`;
      return push.apply(log, lines);
    };
  };
  changes(1);
  const once = await sixray("scan", "--format", "json", `${origin}/on.qcow2`);
  expect(REPORT.parse(JSON.parse(once.out)).results[0]?.verdict).toBe("flagged");
  changes(2);
  const always = await sixray("scan", "--quiet", `${origin}/on.qcow2`);
  expect(always.code).toBe(3);
  expect(always.out).toMatch(/transient: the image changed while it was read/);
});

test("a compressed image behind a URL; a server without ranges; a digest", async () => {
  const { origin, behaviour } = await rangeServer({ "/on.qcow2": IMAGE, "/on.qcow2.gz": gzipSync(IMAGE) });
  expect((await sixray("scan", "--quiet", `${origin}/on.qcow2.gz`)).code).toBe(1);
  behaviour.noRanges = true;
  const refused = await sixray("scan", "--quiet", `${origin}/on.qcow2`);
  expect(refused.code).toBe(3);
  expect(refused.out.replace(/\s+/g, " ")).toMatch(/access: the server does not send parts of files/);
  expect((await sixray("scan", "--quiet", "--download", `${origin}/on.qcow2`)).code).toBe(1);
  const wrong = await sixray(
    "scan",
    "--quiet",
    "--verify-digest",
    "--digest",
    "0".repeat(64),
    `${origin}/on.qcow2`,
  );
  expect(wrong.code).toBe(3);
  expect(await sixray("scan", "--digest", "short", `${origin}/on.qcow2`)).toMatchObject({ code: 2 });
  expect(await sixray("scan", "--max-spool", "x", `${origin}/on.qcow2`)).toMatchObject({ code: 2 });
});

test("list prints what a source offers, newest first", async () => {
  const { origin } = await rangeServer({
    "/SHA256SUMS": ["20260101", "20261110"]
      .map((day) => `${"0".repeat(64)}  a-${day}-amd64.qcow2\n`)
      .join(""),
  });
  const { code, out } = await sixray("list", `${origin}/`);
  expect(code).toBe(0);
  expect(out).toBe(
    `DATE        ARCH   SIZE  FAMILY   ID
2026-11-10  amd64  -     a-amd64  ${origin}/a-20261110-amd64.qcow2
2026-01-01  amd64  -     a-amd64  ${origin}/a-20260101-amd64.qcow2
`,
  );
  const json = (await sixray("list", "--json", `${origin}/`)).out.trimEnd().split("\n");
  expect(json.map((line) => z.object({ date: z.string() }).parse(JSON.parse(line)).date)).toEqual([
    "2026-11-10",
    "2026-01-01",
  ]);
});
