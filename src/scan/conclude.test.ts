import { expect, test } from "vitest";
import { DEBIAN_12 } from "../../test/support/machine.ts";
import type { ReadExtract } from "../model/extract.ts";
import type { SnapshotEntry } from "../model/snapshot.ts";
import { osExtendedDebian } from "../policy/templates/os-extended-debian.ts";
import { decided } from "./conclude.ts";
import { evaluate } from "./evaluate.ts";

const waiver = {
  id: "W-1",
  match: { family: "*" },
  rules: ["disable-ipv6-interfaces"],
  reason: "dual-stack by design",
  approvedBy: "netops",
  expires: "2099-01-01",
} as const;
const today = "2026-11-24";

/** A Debian with `entry` in the place of a file. */
function extractWith(entry: SnapshotEntry): ReadExtract {
  const files = Object.entries(DEBIAN_12).flatMap(([path, text]): readonly SnapshotEntry[] => {
    if (typeof text !== "string") return [];
    const bytes = new TextEncoder().encode(text);
    return [
      { kind: "file", path, locator: `x > ext4 > ${path}`, bytes, sizeBytes: bytes.length, truncated: false },
    ];
  });
  const folder = "/etc/sysctl.d";
  const all = [
    ...files,
    { kind: "directory", path: folder, locator: `x > ext4 > ${folder}`, names: ["x.conf"] } as const,
    entry,
  ];
  return {
    state: "read",
    image: { provider: "file", id: "x", name: "x", family: "x" },
    snapshot: { entries: new Map(all.map((one) => [one.path, one])) },
    notes: [],
    doubts: [],
    unread: [],
    cost: { reads: 0, bytes: 0, rounds: 0 },
  };
}

test("no waiver makes more of what could not be read", async () => {
  const extract = extractWith({
    kind: "unreadable",
    path: "/etc/sysctl.d/x.conf",
    locator: "x > ext4 > /etc/sysctl.d/x.conf",
    reason: "corrupt: bad checksum",
  });
  const plain = await evaluate(extract, { policy: osExtendedDebian, today });
  expect(plain.verdict).toBe("unreadable");
  const waived = await evaluate(extract, { policy: { ...osExtendedDebian, waivers: [waiver] }, today });
  expect(waived).toMatchObject({ verdict: "unreadable", reason: plain.reason });
  expect(await decided(plain, { waivers: [waiver], today })).toMatchObject({ verdict: "unreadable" });
});

test("an image of which nothing was read is never told as read to its end", async () => {
  const { image, cost } = extractWith({ kind: "absent", path: "/x", locator: "x > /x" });
  const failed = { state: "failed", image, reason: "corrupt: no disk", unread: [], cost } as const;
  expect(await evaluate(failed)).toMatchObject({
    verdict: "unreadable",
    unread: [{ what: "image", reason: "corrupt: no disk" }],
  });
});
