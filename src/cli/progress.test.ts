import { expect, test } from "vitest";
import { newCost } from "../disk/bytes/counted.ts";
import type { ScanResult, Verdict } from "../model/report.ts";
import { progressOn, Tally } from "./progress.ts";

function result(provider: string, id: string, verdict: Verdict): ScanResult {
  const os = { id: "debian", version: "13", name: "Debian", type: "linux", like: [] } as const;
  const image = { provider, id, name: id, family: id, os };
  return { image, policy: "", verdict, reason: "", findings: [], unread: [], notes: [], cost: newCost() };
}

function run(errIsTty: boolean, images: number): string {
  const err: string[] = [];
  const terminal = {
    out: async () => undefined,
    err: (text: string) => void err.push(text),
    outIsTty: false,
    errIsTty,
    color: false,
    columns: 80,
    signal: new AbortController().signal,
  };
  const progress = progressOn(terminal, false);
  for (let i = 0; i < images; i++) {
    const one = result("file", `image-${i}\u001b[2J`, "pass");
    progress.listed(one.image);
    progress.update(one.image, "reading", newCost());
    progress.finished(one);
  }
  progress.close();
  return err.join("");
}

test("one image needs no line where lines stay; more get one each, the first included", () => {
  expect(run(false, 1)).toBe("");
  expect(run(false, 2)).toBe("sixray: 1/1 image-0\\x1b[2J: pass\nsixray: 2/2 image-1\\x1b[2J: pass\n");
});

test("on a terminal one line lives, and is gone at the end", () => {
  const text = run(true, 3);
  expect(text).toContain("reading image-0\\x1b[2J (0 reads, 0 KiB)");
  expect(text.endsWith("\r\u001b[K")).toBe(true);
  expect(text).not.toContain("\n");
});

test("the tally tells providers, flagged, rate and what is left", () => {
  const tally = new Tally();
  for (const provider of ["aws", "aws", "gcp"]) tally.listed(provider);
  expect(tally.text(1)).toBe("0/3 (aws 0/2, gcp 0/1)");
  tally.finished("aws", "flagged");
  expect(tally.text(2)).toBe("1/3 (aws 1/2, gcp 0/1), 1 flagged, 0.5/s, 4 s left");
});
