import { createHmac } from "node:crypto";
import { copyFileSync, mkdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test, vi } from "vitest";
import { file } from "../../providers/file/index.ts";
import { annotations, summaryMarkdown } from "../../src/action/tell.ts";
import { tellWatched } from "../../src/cli/commands/watch/tell.ts";
import { ENGINE } from "../../src/cli/version.ts";
import { postWebhook } from "../../src/cli/webhook.ts";
import { ScanError } from "../../src/errors.ts";
import { openEmbedded, openWithDatabase } from "../../src/ledger/embedded.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { type Watched, type WatchOptions, watch } from "../../src/ledger/watch.ts";
import type { ImageRef } from "../../src/model/image.ts";
import { isRuleId } from "../../src/policy/rules/index.ts";
import type { Waiver } from "../../src/policy/waivers.ts";
import type { Decisions } from "../../src/scan/conclude.ts";
import type { Listed } from "../../src/scan/scan-all.ts";
import { KEY, newRun, scanned } from "../conformance/ledger.ts";
import { sixray } from "../support/cli.ts";
import { scratch } from "../support/images.ts";

const FIXTURES = fileURLToPath(new URL("../fixtures/images/", import.meta.url));
const fixture = (name: string): string => join(FIXTURES, `${name}.qcow2`);
const template = join(scratch("watch"), "template");
let rounds = 0;

async function newLedger(): Promise<Ledger> {
  const ledger = await openEmbedded(`${template}-${rounds++}`, { create: true });
  onTestFinished(() => ledger.close());
  return ledger;
}

/** A provider whose ids are immutable: `path` is what lies behind the id. */
function listed(id: string, path: string, more: Partial<ImageRef> = {}): Listed {
  const image = { provider: "aws", id, name: id, family: "al2023", ...more };
  const ref = { provider: "file", id: path, name: id, family: "" };
  return { image, open: () => file.open(ref, {}) };
}

async function round(
  ledger: Ledger,
  images: readonly Listed[],
  decisions: Decisions = {},
  { killed = false, ...more }: Partial<WatchOptions> & { readonly killed?: boolean } = {},
): Promise<Watched> {
  const startedAt = new Date();
  const run = { id: `r${rounds++}`, ...KEY };
  await ledger.startRun(newRun(run.id, { startedAt }));
  const watched = await watch(ledger, [each(images)], { run, decisions, jobs: 4, ...more });
  if (!killed) await ledger.finishRun(run.id, { enumerated: watched.enumerated, exitCode: 0 });
  return watched;
}

async function* each(images: readonly Listed[]): AsyncGenerator<Listed> {
  yield* images;
}

test("what is known is not opened again, and a family that drifts is told with its reason", async () => {
  const ledger = await newLedger();
  const one = listed("ami-1", fixture("off-sysctl"), { date: "2026-11-10" });
  const first = await round(ledger, [one]);
  expect(first).toMatchObject({
    enumerated: 1,
    totals: { scanned: 1, known: 0, failed: 0 },
    drift: [],
    firsts: 1,
  });
  const known = { ...one, open: () => Promise.reject(new Error("opened again")) };
  const two = listed("ami-2", fixture("on"), { date: "2026-11-20" });
  const second = await round(ledger, [known, two]);
  expect(second).toMatchObject({ enumerated: 2, totals: { scanned: 1, known: 1, failed: 0 }, firsts: 0 });
  expect(second.drift).toHaveLength(1);
  expect(second.drift[0]).toMatchObject({
    image: { id: "ami-2" },
    before: { id: "ami-1" },
    changes: [
      { what: "IPv6", from: "off", to: "on" },
      { what: "verdict", from: "pass", to: "flagged" },
    ],
    otherKey: false,
  });
  expect(second.drift[0]?.because).toContain(
    '"net.ipv6.conf.all.disable_ipv6 = 1" (/etc/sysctl.d/90-ipv6.conf line 1) is gone',
  );
  // Told once.
  const third = await round(ledger, [known, { ...two, open: known.open }]);
  expect(third).toMatchObject({ totals: { scanned: 0, known: 2, failed: 0 }, drift: [] });
  expect([...third.verdicts]).toEqual([
    ["pass", 1],
    ["flagged", 1],
  ]);
});

test("what a killed run found is told by the next that ends, whatever the clock says", async () => {
  const ledger = await newLedger();
  const one = listed("ami-1", fixture("off-sysctl"), { date: "2026-11-10" });
  const two = listed("ami-2", fixture("on"), { date: "2026-11-20" });
  await round(ledger, [one]);
  const killed = await round(ledger, [one, two], {}, { killed: true });
  expect(killed.drift).toHaveLength(1);
  for (let again = 0; again < 2; again++) {
    const next = await round(ledger, [one, two], {}, { killed: again === 0 });
    expect(next).toMatchObject({ totals: { scanned: 0, known: 2 }, fresh: 1, drift: killed.drift });
  }
  expect(await round(ledger, [one, two])).toMatchObject({ fresh: 0, drift: [] });
});

test("a version that only a killed run saw is not what the next one is compared with", async () => {
  const ledger = await newLedger();
  const at = (day: number, name: string): Listed =>
    listed(`ami-${day}`, fixture(name), { date: `2026-11-${day}` });
  await round(ledger, [at(10, "off-sysctl")]);
  await round(ledger, [at(11, "on")], {}, { killed: true });
  const { drift } = await round(ledger, [at(12, "on")]);
  expect(drift).toMatchObject([{ image: { id: "ami-12" }, before: { id: "ami-10" } }]);
});

test("a file that is replaced by an older one is compared with what it replaced", async () => {
  const ledger = await newLedger();
  const at = (date: string, name: string): Listed => ({
    ...listed("latest", fixture(name), { date }),
    mark: () => Promise.resolve(date),
  });
  await round(ledger, [at("2026-11-20", "off-sysctl")]);
  const { drift } = await round(ledger, [at("2026-11-10", "on")]);
  expect(drift).toMatchObject([{ changes: [{ what: "IPv6", from: "off", to: "on" }, {}] }]);
});

test("a content that comes back is a drift each time, whether it is known or scanned again", async () => {
  const ledger = await newLedger();
  const at = (content: "A" | "B" | "C"): Listed => ({
    ...listed("latest", fixture(content === "A" ? "off-sysctl" : "on")),
    mark: () => Promise.resolve(content),
  });
  const drifts = async (content: "A" | "B" | "C", more: Parameters<typeof round>[3] = {}) =>
    (await round(ledger, [at(content)], {}, more)).drift.map(({ changes }) => changes[0]);
  const [on, off] = [
    { what: "IPv6", from: "off", to: "on" },
    { what: "IPv6", from: "on", to: "off" },
  ];
  expect(await drifts("A")).toEqual([]);
  expect(await drifts("B")).toEqual([on]);
  // What a killed run found is told by the next.
  expect(await drifts("A", { killed: true })).toEqual([off]);
  expect(await drifts("A")).toEqual([off]);
  expect(await drifts("A")).toEqual([]);
  expect(await drifts("B", { rescan: true })).toEqual([on]);
  expect(await drifts("A", { rescan: true })).toEqual([off]);
  expect(await drifts("A", { rescan: true })).toEqual([]);
  // What is new is compared with what lay there, not with what came last of all.
  expect(await drifts("C")).toEqual([on]);
  const { fresh } = await round(ledger, [at("B")]);
  expect(fresh).toBe(0);
});

test("an image that cannot be reached is failed, counted, and tried again", async () => {
  const ledger = await newLedger();
  const good = listed("ami-1", fixture("off-sysctl"));
  let down = true;
  const bad: Listed = {
    ...good,
    image: { ...good.image, id: "ami-2" },
    open: (image) => (down ? Promise.reject(new ScanError("transient", "throttled")) : good.open(image)),
  };
  const lost: Listed = {
    ...good,
    image: { ...good.image, id: "ami-3" },
    mark: () => Promise.reject(new ScanError("access", "gone")),
  };
  const first = await round(ledger, [good, bad, lost]);
  expect(first).toMatchObject({ enumerated: 3, totals: { scanned: 1, known: 0, failed: 2 } });
  const reasons = new Map(first.open.map(({ image, reason }) => [image.id, reason]));
  expect(reasons.get("ami-2")).toBe("transient: throttled");
  expect(reasons.get("ami-3")).toBe("access: gone");
  down = false;
  expect(await round(ledger, [good, bad])).toMatchObject({ totals: { scanned: 1, known: 1, failed: 0 } });
});

test("of more open images than are told the worst are, and all are counted", async () => {
  const ledger = await newLedger();
  const away = Array.from(
    { length: 1200 },
    (_, i): Listed => ({
      ...listed(`ami-${i}`, "/nowhere", { family: `f${i % 12}` }),
      mark: () => Promise.reject(new ScanError("access", "gone")),
    }),
  );
  const watched = await round(ledger, [...away, listed("ami-on", fixture("on"))]);
  expect(watched.openTotal).toBe(1201);
  expect(watched.open).toHaveLength(1000);
  expect(watched.open[0]).toMatchObject({ verdict: "flagged", image: { id: "ami-on" } });
  expect(tellWatched("r", watched, "here")).toContain("... and 1151 more (sixray runs r lists all images)");
  const shard = undefined;
  const finish = () => Promise.resolve();
  const told = { run: "r", shard, watched, code: 1, policy: undefined, decisions: {}, finish };
  expect(summaryMarkdown(told)).toContain("... and 701 more: see the reports.");
  const lines = annotations(told).trim().split("\n");
  // Twelve families away and one flagged: the one error, ten warnings, and what is left.
  expect(lines.map((line) => line.split(" ")[0])).toEqual([
    "::error",
    ...Array.from({ length: 10 }, () => "::warning"),
    "::notice",
  ]);
  expect(lines.at(-1)).toContain("2 more families");
});

test("what an option or another machine would make readable is tried again", async () => {
  const ledger = await newLedger();
  const good = listed("ami-1", fixture("off-sysctl"));
  const refuse = (message: string, more: { readonly again?: true } = {}): Listed => ({
    ...good,
    open: () => Promise.reject(new ScanError("limit", message, more)),
  });
  const told = await round(ledger, [refuse("unpacks to more than what is free", { again: true })]);
  expect(told).toMatchObject({ totals: { scanned: 1 }, open: [{ verdict: "unreadable" }] });
  // Whatever its words are.
  const next = await round(ledger, [refuse("too many extents, says --an image")]);
  expect(next).toMatchObject({ totals: { scanned: 1, known: 0 } });
  // Nothing that is said on the command line changes that.
  expect(await round(ledger, [good])).toMatchObject({ totals: { scanned: 0, known: 1 } });
});

test("a waiver that is added, and one that runs out, change the answer without a scan", async () => {
  const ledger = await newLedger();
  const one = listed("ami-1", fixture("on"));
  await round(ledger, [one]);
  const closed = { ...one, open: () => Promise.reject(new Error("opened again")) };
  const all = (await ledger.result(scanned(one.image).content, KEY))?.findings ?? [];
  const rules = all
    .filter(({ outcome }) => outcome === "fail")
    .map(({ rule }) => rule)
    .filter(isRuleId);
  expect(rules.length).toBeGreaterThan(0);
  const waiver = {
    id: "W-1",
    match: { family: "al*" },
    rules,
    reason: "dual-stack by design",
    approvedBy: "netops",
    expires: "2026-12-31",
  };
  const waivers: readonly Waiver[] = [waiver];
  const holds = await round(ledger, [closed], { waivers, today: "2026-12-31" });
  expect([...holds.verdicts.keys()]).toEqual(["waived"]);
  const over = await round(ledger, [closed], { waivers, today: "2027-01-01" });
  expect(over.open[0]).toMatchObject({ verdict: "flagged", reason: expect.stringContaining("W-1 expired") });
  const lines = await Array.fromAsync(ledger.export());
  expect(lines.filter((line) => line.startsWith('{"table":"waivers_used"'))).toHaveLength(rules.length * 2);
});

test("5,000 known images take a few statements for each two hundred of them", async () => {
  const { ledger, pglite } = await openWithDatabase(`${template}-${rounds++}`, { create: true });
  onTestFinished(() => ledger.close());
  const images = Array.from({ length: 5000 }, (_, i) =>
    listed(`ami-${i}`, "/nowhere", { family: `family-${i % 250}`, date: "2026-11-10" }),
  );
  await ledger.startRun(newRun("before"));
  for (let at = 0; at < 5000; at += 500)
    await ledger.record(
      { id: "before", ...KEY },
      images.slice(at, at + 500).map(({ image }) => scanned(image)),
    );
  await ledger.finishRun("before", { enumerated: 5000, exitCode: 0 });
  const statements = vi.spyOn(pglite, "query");
  const watched = await round(ledger, images);
  expect(watched).toMatchObject({
    enumerated: 5000,
    totals: { scanned: 0, known: 5000, failed: 0 },
    drift: [],
  });
  // Of a batch: known, told, lastContents, and a transaction with the rows of images and of the run.
  expect(statements.mock.calls.length).toBeGreaterThan(0);
  expect(statements.mock.calls.length).toBeLessThanOrEqual((5000 / 200) * 7 + 20);
});

test("on the command line: two rounds, a drift, an exit code, and the ledger's commands", () => {
  const folder = scratch("watch-cli");
  mkdirSync(join(folder, "images"));
  const image = join(folder, "images", "base.qcow2");
  copyFileSync(fixture("off-sysctl"), image);
  writeFileSync(join(folder, "sixray.yaml"), "targets:\n  - images/*.qcow2\n  - images/none.qcow2\n");
  const run = (...args: readonly string[]) => sixray(["--state", "state", ...args], { cwd: folder });
  const first = run("watch");
  expect(first.out).toMatch(
    /run \S+: 2 images: 1 scanned, 0 known, 1 failed; 1 pass, 1 unreadable; 0 drifted/,
  );
  expect(first.code).toBe(3);
  writeFileSync(join(folder, "sixray.yaml"), "targets:\n  - images/*.qcow2\n");
  expect(run("watch")).toMatchObject({
    code: 0,
    out: expect.stringContaining("0 scanned, 1 known, 0 failed"),
  });
  copyFileSync(fixture("on"), image);
  const third = run("watch", "--fail-on", "drift");
  expect(third.code).toBe(1);
  expect(third.out).toMatch(
    /^drift: base base.qcow2: IPv6 off -> on, verdict pass -> flagged, because "net\.ipv6/,
  );
  // The same bytes at another time are another file as far as can be told: scanned, and no drift.
  utimesSync(image, 1, 1);
  expect(run("watch", "--fail-on", "drift")).toMatchObject({
    code: 0,
    out: expect.stringContaining("1 scanned"),
  });
  expect(run("history", "base").out.split("\n")).toHaveLength(4);
  expect(run("history").out).toBe("3\tfile\tbase\n");
  expect(run("history", "nothing")).toMatchObject({
    code: 2,
    err: expect.stringContaining("lists the families"),
  });
  expect(run("runs").out.split("\n")).toHaveLength(5);
  // Results are kept under what judged them; documents name the release alone.
  expect(JSON.parse(run("runs", "--json", "--limit", "1").out).engine).toMatch(/^sixray \S+\+[0-9a-f]{8}$/);
  expect(JSON.parse(run("report", "latest", "-f", "json").out).engine).toBe(ENGINE);
  expect(run("ledger", "export", "-o", "ledger.ndjson").code).toBe(0);
  rmSync(join(folder, "state"), { recursive: true });
  expect(run("history")).toMatchObject({ code: 2, err: expect.stringContaining("no ledger in") });
  expect(run("ledger", "import", "ledger.ndjson").code).toBe(0);
  expect(run("watch", "--fail-on", "never").out).toContain("0 scanned, 1 known");
  writeFileSync(join(folder, "sixray.yaml"), "targets:\n  - x\npolcy: y\n");
  expect(run("watch")).toMatchObject({
    code: 2,
    err: expect.stringContaining("sixray.yaml:3:1: unknown key polcy; did you mean policy?"),
  });
});

test("a webhook is signed, tried again, and its failure is said without what may be secret", async () => {
  const seen: { body: string; signature: unknown; delivery: unknown }[] = [];
  const answers = [503, 429, 204];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on("end", () => {
      const { "x-sixray-signature-256": signature, "x-sixray-delivery": delivery } = request.headers;
      seen.push({ body, signature, delivery });
      response.writeHead(answers.shift() ?? 403).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/hook?token=secret`;
  const { signal } = new AbortController();
  await postWebhook(new URL(url), { drift: [] }, "key", signal);
  expect(seen).toHaveLength(3);
  const signature = `sha256=${createHmac("sha256", "key").update('{"drift":[]}').digest("hex")}`;
  expect(new Set(seen.map((one) => one.signature))).toEqual(new Set([signature]));
  expect(new Set(seen.map((one) => one.delivery)).size).toBe(1);
  const error: unknown = await postWebhook(new URL(url), {}, undefined, signal).catch((e: unknown) => e);
  expect(seen).toHaveLength(4);
  expect(error instanceof ScanError && error.line).toMatch(
    /not delivered: answers 403 \(http:\/\/127\.0\.0\.1:\d+\/hook\)$/,
  );
});
