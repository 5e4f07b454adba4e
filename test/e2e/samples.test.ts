import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { z } from "zod";
import { sixray } from "../support/cli.ts";

const FIXTURES = fileURLToPath(new URL("../fixtures/", import.meta.url));
const EXPECTED = z
  .record(z.string(), z.object({ state: z.string().nullable(), verdict: z.string(), exit: z.number() }))
  .parse(JSON.parse(readFileSync(`${FIXTURES}/expected.json`, "utf8")));

const REPORT = z.object({
  results: z.array(z.object({ verdict: z.string(), prediction: z.object({ state: z.string() }).optional() })),
});

test("every sample image has its expectation", () => {
  const images = readdirSync(`${FIXTURES}/images`).map((name) => `images/${name}`);
  expect(Object.keys(EXPECTED).toSorted()).toEqual([...images, "rootfs"].toSorted());
});

test.each(Object.entries(EXPECTED))("%s", (name, expected) => {
  const { code, out } = sixray(["scan", "--quiet", "--format", "json", name], { cwd: FIXTURES });
  const [result] = REPORT.parse(JSON.parse(out)).results;
  expect({
    state: result?.prediction?.state ?? null,
    verdict: result?.verdict,
    exit: code,
  }).toEqual(expected);
});

test("several at once: each judged, the worst decides the exit code", () => {
  const { code, out } = sixray(["scan", "--quiet", "images/luks.qcow2", "images/on.qcow2", "rootfs"], {
    cwd: FIXTURES,
  });
  expect(code).toBe(1);
  expect(out).toMatch(/unreadable/);
  expect(out).toMatch(/flagged/);
  expect(
    sixray(["scan", "--quiet", "--strict", "images/luks.qcow2", "images/on.qcow2"], { cwd: FIXTURES }).code,
  ).toBe(3);
});

test("explain names the deciding file and line", () => {
  const { out } = sixray(["explain", "images/off-sysctl.qcow2"], { cwd: FIXTURES });
  expect(out).toMatch(
    /\(decides\)\n\s+\/etc\/sysctl\.d\/90-ipv6\.conf:1: net\.ipv6\.conf\.all\.disable_ipv6 = 1/,
  );
});

test("ls, cat and inspect look inside", () => {
  const listed = sixray(["ls", "images/on.qcow2", "/etc", "-R", "--json"], { cwd: FIXTURES });
  const paths = listed.out
    .trimEnd()
    .split("\n")
    .map((line) =>
      z
        .object({ volume: z.string(), path: z.string(), type: z.string(), size: z.number() })
        .parse(JSON.parse(line)),
    );
  expect(paths).toContainEqual(expect.objectContaining({ path: "/etc/hostname", type: "file", size: 10 }));
  expect(sixray(["cat", "images/on.qcow2", "/etc/hostname"], { cwd: FIXTURES }).out).toBe("localhost\n");
  expect(sixray(["cat", "images/on.qcow2:/etc/hostname"], { cwd: FIXTURES }).out).toBe("localhost\n");
  expect(sixray(["ls", "images/on.qcow2:/etc/hostname"], { cwd: FIXTURES }).out).toMatch(
    / {2}\/etc\/hostname$/m,
  );
  const inspected = sixray(["inspect", "--json", "images/luks.qcow2"], { cwd: FIXTURES });
  expect(inspected.out).toMatch(/crypto_LUKS/);
});
