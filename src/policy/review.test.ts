import { expect, test } from "vitest";
import { applyReviews, type Review } from "./review.ts";

const image = { provider: "file", id: "win.vhdx", name: "win", family: "win" };
const review: Review = {
  image,
  evidence: "sha256:1",
  by: "Ada",
  at: "2026-11-01",
  expires: "2027-11-01",
  result: "accepted",
  note: "IPv4 preferred",
};
const subject = { image, evidence: "sha256:1", today: "2026-11-24", reason: "Why." };

test.each([
  [
    "accepted, and the evidence is the same",
    [review],
    subject,
    "waived",
    /Reviewed by Ada on 2026-11-01, accepted/,
  ],
  ["rejected", [{ ...review, result: "rejected" }], subject, "flagged", /rejected/],
  ["on its last day", [review], { ...subject, today: "2027-11-01" }, "waived", /Ada/],
  ["expired", [review], { ...subject, today: "2027-11-02" }, "review", /void: it expired on 2027-11-01/],
  [
    "changed evidence",
    [review],
    { ...subject, evidence: "sha256:2" },
    "review",
    /Why\. .*evidence has changed/,
  ],
  ["no date", [review], { ...subject, today: undefined }, "review", /without a date/],
  [
    "signed again",
    [review, { ...review, at: "2026-11-20", result: "rejected" }],
    subject,
    "flagged",
    /on 2026-11-20/,
  ],
  [
    "a rejection that ran out, after an acceptance that did not",
    [review, { ...review, at: "2026-11-20", expires: "2026-11-23", result: "rejected" }],
    subject,
    "review",
    /by Ada on 2026-11-20 is void: it expired on 2026-11-23/,
  ],
  [
    "accepted and rejected on one day",
    [{ ...review, result: "rejected" }, review],
    subject,
    "flagged",
    /rejected/,
  ],
  [
    "the same in the other order",
    [review, { ...review, result: "rejected" }],
    subject,
    "flagged",
    /rejected/,
  ],
  [
    "a later one on other evidence",
    [review, { ...review, at: "2026-11-20", evidence: "sha256:2", result: "rejected" }],
    subject,
    "waived",
    /on 2026-11-01/,
  ],
] as const)("%s", (_name, reviews, about, verdict, reason) => {
  const found = applyReviews(reviews, about);
  expect(found?.verdict).toBe(verdict);
  expect(found?.reason).toMatch(reason);
});

test("a review of another image says nothing", () => {
  expect(applyReviews([review], { ...subject, image: { ...image, id: "other" } })).toBe(undefined);
  expect(applyReviews([review], { ...subject, image: { ...image, provider: "aws" } })).toBe(undefined);
});

test("of two reviews of one day the rejection counts, in whatever order they come", () => {
  const no: Review = { ...review, result: "rejected" };
  for (const reviews of [
    [review, no],
    [no, review],
  ])
    expect(applyReviews(reviews, subject)?.verdict).toBe("flagged");
});
