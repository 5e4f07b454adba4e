import { expect, test } from "vitest";
import { contentId, imageKey } from "../../src/ledger/content.ts";
import type { Entry, Ledger, NewRun } from "../../src/ledger/ledger.ts";
import type { ImageRef } from "../../src/model/image.ts";
import type { ScanResult } from "../../src/model/report.ts";

export const KEY = { policyDigest: "sha256:p1", engine: "sixray 0.1.0" };

export function newRun(id: string, more: Partial<NewRun> = {}): NewRun {
  const startedAt = new Date("2026-11-24T10:00:00Z");
  return {
    id,
    startedAt,
    ...KEY,
    policy: "strict",
    policyDocument: "{}",
    source: "x",
    host: "h",
    shard: "",
    ...more,
  };
}

export function imageOf(name: string, more: Partial<ImageRef> = {}): ImageRef {
  return { provider: "http", id: `https://example.org/${name}`, name, family: "debian-13", ...more };
}

export function resultOf(image: ImageRef, more: Partial<ScanResult> = {}): ScanResult {
  const os = { id: "debian", version: "13", name: "Debian 13", type: "linux" as const, like: [] };
  return {
    image: { ...image, os },
    policy: "strict",
    verdict: "pass",
    reason: "IPv6 is off.",
    findings: [],
    unread: [],
    notes: [],
    cost: { reads: 3, bytes: 4096, rounds: 2 },
    ...more,
  };
}

export function scanned(
  image: ImageRef,
  more: Partial<ScanResult> = {},
): Extract<Entry, { outcome: "scanned" }> {
  const result = resultOf(image, more);
  const { verdict, reason } = result;
  const content = contentId(image, undefined);
  return { image, outcome: "scanned", content, result, evidence: "sha256:e", verdict, reason };
}

/** What every database has to do. `open` gives a new, empty ledger; `reopen` the same once more. */
export function ledgerConformance(
  open: () => Promise<{ readonly ledger: Ledger; readonly reopen: () => Promise<Ledger> }>,
): void {
  test("what was told is what a run that ended had in it", async () => {
    const { ledger } = await open();
    const [one, other] = [scanned(imageOf("a")), scanned(imageOf("b"))];
    for (const [id, entry] of [
      ["ended", one],
      ["killed", other],
    ] as const) {
      await ledger.startRun(newRun(id));
      await ledger.record({ id, ...KEY }, [entry]);
    }
    await ledger.finishRun("ended", { enumerated: 1, exitCode: 0 });
    const contents = [one.content, other.content, "never seen", 'a "quoted" \\ one'];
    expect([...(await ledger.told(contents))]).toEqual([one.content]);
    expect((await ledger.told([])).size).toBe(0);
    await ledger.close();
  });

  test("what an image had last is what it had in the run that ended last", async () => {
    const { ledger } = await open();
    const image = imageOf("latest");
    const had = (content: string): Entry => ({ ...scanned(image), content });
    for (const [id, content, ends] of [
      ["r1", "A", true],
      ["r2", "B", true],
      ["r3", "A", true],
      ["r4", "B", false],
    ] as const) {
      await ledger.startRun(newRun(id));
      await ledger.record({ id, ...KEY }, [had(content), scanned(imageOf("same"))]);
      if (ends) await ledger.finishRun(id, { enumerated: 2, exitCode: 0 });
    }
    await ledger.startRun(newRun("r5"));
    const lost: Entry = { image, outcome: "failed", verdict: "unreadable", reason: "access: gone" };
    await ledger.record({ id: "r5", ...KEY }, [lost]);
    await ledger.finishRun("r5", { enumerated: 1, exitCode: 3 });
    const last = await ledger.lastContents([image, imageOf("same"), imageOf("never seen"), image]);
    expect([...last]).toEqual([[imageKey(image), "A"]]);
    expect((await ledger.lastContents([])).size).toBe(0);
    await ledger.close();
  });

  test("a scan is known under its own key, and no other", async () => {
    const { ledger } = await open();
    await ledger.startRun(newRun("r1"));
    const [one, other] = [scanned(imageOf("a")), scanned(imageOf("b"), { verdict: "flagged" })];
    await ledger.record({ id: "r1", ...KEY }, [one, other]);
    const contents = [one.content, other.content, "never seen"];
    const known = await ledger.known(contents, KEY);
    expect([...known.keys()].toSorted()).toEqual([one.content, other.content].toSorted());
    expect(known.get(other.content)).toMatchObject({
      verdict: "flagged",
      os: "debian",
      evidence: "sha256:e",
    });
    expect((await ledger.known(contents, { ...KEY, engine: "sixray 0.2.0" })).size).toBe(0);
    expect((await ledger.known(contents, { ...KEY, policyDigest: "sha256:p2" })).size).toBe(0);
    expect(await ledger.result(one.content, KEY)).toEqual(resultOf(imageOf("a")));
    await ledger.close();
  });

  test("an image that is expected counts as failed until something is said of it, and never the other way", async () => {
    const { ledger } = await open();
    await ledger.startRun(newRun("r1"));
    const [one, other, third] = [imageOf("a"), imageOf("b"), imageOf("c")];
    const run = { id: "r1", ...KEY };
    await ledger.record(run, [scanned(one)]);
    // Listed twice, and one of them scanned already.
    for (let time = 0; time < 2; time++) await ledger.expect("r1", [one, other, other, third]);
    expect(await ledger.totals("r1")).toEqual({ scanned: 1, known: 0, failed: 2 });
    expect(await ledger.standing("r1")).toEqual({ waiting: 2, failed: 0, verdicts: new Map([["pass", 1]]) });
    const away = { outcome: "failed" as const, verdict: "unreadable" as const, reason: "access: gone" };
    await ledger.record(run, [scanned(other, { verdict: "flagged" }), { image: third, ...away }]);
    await ledger.expect("r1", [other, third]);
    const { waiting, failed, verdicts } = await ledger.standing("r1");
    expect({ waiting, failed }).toEqual({ waiting: 0, failed: 1 });
    expect(verdicts).toEqual(
      new Map([
        ["flagged", 1],
        ["pass", 1],
        ["unreadable", 1],
      ]),
    );
    await ledger.close();
  });

  test("what was recorded is there after closing and opening", async () => {
    const { ledger, reopen } = await open();
    await ledger.startRun(newRun("r1"));
    await ledger.record({ id: "r1", ...KEY }, [scanned(imageOf("a"))]);
    await ledger.finishRun("r1", { enumerated: 1, exitCode: 0 });
    await ledger.close();
    const again = await reopen();
    expect(await again.run("r1")).toMatchObject({
      ...newRun("r1"),
      enumerated: 1,
      scanned: 1,
      known: 0,
      failed: 0,
      exitCode: 0,
    });
    expect(await again.run("r2")).toBeUndefined();
    await again.close();
  });

  test("told twice is counted once, and only a failure gives way", async () => {
    const { ledger } = await open();
    await ledger.startRun(newRun("r1"));
    const run = { id: "r1", ...KEY };
    const [one, other] = [scanned(imageOf("a")), scanned(imageOf("b"))];
    const failed: Entry = { image: imageOf("b"), outcome: "failed", verdict: "unreadable", reason: "access" };
    await ledger.record(run, [one, failed]);
    expect(await ledger.totals("r1")).toEqual({ scanned: 1, known: 0, failed: 1 });
    await Promise.all([ledger.record(run, [other, one]), ledger.record(run, [one, other])]);
    await ledger.record(run, [{ ...one, outcome: "known" }, failed]);
    expect(await ledger.finishRun("r1", { enumerated: 2, exitCode: 0 })).toEqual({
      enumerated: 2,
      scanned: 2,
      known: 0,
      failed: 0,
    });
    await ledger.close();
  });

  test("images of a run come back with what was said, a page at a time", async () => {
    const { ledger } = await open();
    await ledger.startRun(newRun("r1"));
    const entries = Array.from({ length: 450 }, (_, i) => scanned(imageOf(`i${i}`)));
    await ledger.record({ id: "r1", ...KEY }, entries);
    await ledger.startRun(newRun("r2"));
    const known = entries.map((entry): Entry => ({ ...entry, outcome: "known" }));
    const failed: Entry = { image: imageOf("z"), outcome: "failed", verdict: "unreadable", reason: "gone" };
    await ledger.record({ id: "r2", ...KEY }, [...known, failed]);
    const images = await Array.fromAsync(ledger.imagesOf("r2"));
    expect(images).toHaveLength(451);
    expect(images.filter(({ outcome, result }) => outcome === "known" && result?.image)).toHaveLength(450);
    const lost = images.find(({ outcome }) => outcome === "failed");
    expect(lost).toMatchObject({ image: { id: "https://example.org/z" }, reason: "gone" });
    expect(lost?.result).toBeUndefined();
    await ledger.close();
  });

  test("a run whose image looked otherwise when it was scanned again says so", async () => {
    const { ledger } = await open();
    for (const id of ["r1", "r2", "r3"]) await ledger.startRun(newRun(id));
    const entry = scanned(imageOf("a"));
    await ledger.record({ id: "r1", ...KEY }, [entry, scanned(imageOf("b"))]);
    await ledger.record({ id: "r2", ...KEY }, [{ ...entry, outcome: "known" }, scanned(imageOf("b"))]);
    const flagged = scanned(imageOf("a"), { verdict: "flagged" });
    await ledger.record({ id: "r3", ...KEY }, [{ ...flagged, evidence: "sha256:other" }]);
    const said = async (id: string) =>
      Object.fromEntries(
        (await Array.fromAsync(ledger.imagesOf(id))).map(({ image, verdict, isOther = false }) => [
          image.name,
          { verdict, isOther },
        ]),
      );
    for (const id of ["r1", "r2"])
      expect(await said(id)).toEqual({
        a: { verdict: "pass", isOther: true },
        b: { verdict: "pass", isOther: false },
      });
    expect(await said("r3")).toEqual({ a: { verdict: "flagged", isOther: false } });
    await ledger.close();
  });

  test("a family's versions come newest first, by the provider's date", async () => {
    const { ledger } = await open();
    await ledger.startRun(newRun("r1"));
    const at = (date: string, more: Partial<ImageRef> = {}) =>
      scanned(imageOf(`v${date}`, { date, ...more }));
    await ledger.record({ id: "r1", ...KEY }, [
      at("2026-11-10"),
      at("2026-11-20", { arch: "arm64" }),
      at("2026-09-01"),
      at("2026-10-01", { family: "debian-12" }),
    ]);
    const names = async (...args: Parameters<Ledger["history"]>): Promise<readonly string[]> =>
      (await ledger.history(...args)).map(({ image }) => image.name);
    expect(await names("debian-13", 10)).toEqual(["v2026-11-20", "v2026-11-10", "v2026-09-01"]);
    expect(await names("debian-13", 1)).toEqual(["v2026-11-20"]);
    const amd64 = { provider: "http", arch: "" };
    expect(await names("debian-13", 10, amd64)).toEqual(["v2026-11-10", "v2026-09-01"]);
    expect(await names("no such", 10)).toEqual([]);
    expect((await ledger.history("debian-13", 1))[0]?.scan).toMatchObject({ ...KEY, verdict: "pass" });
    expect(await ledger.families()).toEqual([
      { provider: "http", family: "debian-12", versions: 1 },
      { provider: "http", family: "debian-13", versions: 3 },
    ]);
    await ledger.close();
  });

  test("hostile text is kept or told apart, and never breaks a statement", async () => {
    const { ledger } = await open();
    await ledger.startRun(newRun("r1", { source: "a\0b" }));
    const nasty = "'); drop table scans; --\0 \u{dc80} \u{202e} <b>";
    const image = imageOf(nasty, { family: nasty, arch: nasty });
    const entry = scanned(image, { reason: nasty, notes: [nasty] });
    await ledger.record({ id: "r1", ...KEY }, [
      entry,
      scanned(imageOf("b\0")),
      scanned(imageOf("b\u{fffd}")),
    ]);
    expect(await ledger.result(entry.content, KEY)).toMatchObject({ reason: nasty, notes: [nasty], image });
    expect((await ledger.history(nasty, 5))[0]?.image).toEqual(image);
    expect(await ledger.totals("r1")).toMatchObject({ scanned: 3 });
    await ledger.close();
  });

  test("an export read into another ledger, or twice into the same, gives the same export", async () => {
    const { ledger } = await open();
    await ledger.startRun(newRun("r1"));
    const waivers = [
      {
        rule: "disable-ipv6-interfaces",
        waiver: "W-1",
        state: "applies" as const,
        reason: "dual-stack",
        approvedBy: "netops",
        expires: "2027-03-31",
      },
    ];
    const entries = Array.from({ length: 401 }, (_, i) => ({ ...scanned(imageOf(`i${i}`)), waivers }));
    await ledger.record({ id: "r1", ...KEY }, entries);
    await ledger.finishRun("r1", { enumerated: 401, exitCode: 0 });
    const lines = await Array.fromAsync(ledger.export());
    // A line each: the head, the run, the policy, and of each image itself, version, scan, part in the run, waiver.
    expect(lines).toHaveLength(1 + 1 + 1 + 401 * 5);
    const again = await ledger.import(feed(lines));
    expect(again).toEqual({ added: 0, there: lines.length - 1, orphans: 0 });
    const { ledger: other } = await open();
    expect(await other.import(feed(lines))).toEqual({ added: lines.length - 1, there: 0, orphans: 0 });
    expect(await Array.fromAsync(other.export())).toEqual(lines);
    expect(await other.result(entries[7]?.content ?? "", KEY)).toEqual(
      entries[7]?.outcome && resultOf(imageOf("i7")),
    );
    await Promise.all([ledger.close(), other.close()]);
  });

  test("an import that is wrong says in which line, and rows without parents are counted", async () => {
    const { ledger } = await open();
    const bad = (...lines: readonly string[]) => ledger.import(feed(lines));
    await expect(bad('{"sixrayLedger":2}\n', '{"table":"images"')).rejects.toThrow(/line 2 is no JSON/);
    await expect(bad('{"table":"elephants"}')).rejects.toThrow(/line 1: no table "elephants"/);
    await expect(bad('{"table":"images","image":7}')).rejects.toThrow(/line 1: image: /);
    await expect(bad('{"sixrayLedger":99}')).rejects.toThrow(/newer sixray/);
    await expect(bad()).rejects.toThrow(/empty/);
    const orphan = {
      table: "run_images",
      run: "r9",
      image: "i",
      content: "",
      outcome: "known",
      verdict: "pass",
    };
    expect(await bad(JSON.stringify({ ...orphan, reason: "" }))).toEqual({ added: 0, there: 0, orphans: 1 });
    await ledger.close();
  });
}

async function* feed(lines: readonly string[]): AsyncGenerator<string> {
  yield* lines;
}
