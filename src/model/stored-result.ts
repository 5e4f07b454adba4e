import * as z from "zod";
import type { BootFacts } from "./boot.ts";
import type { AppliedWaiver, ChecklistItem, Control, Finding, PlaceCheck } from "./finding.ts";
import type { OsInfo } from "./image.ts";
import type { Evidence } from "./locator.ts";
import type { BlindSpot, Firewall, Prediction, Step } from "./prediction.ts";
import type { ScanResult } from "./report.ts";
import { access, imageRef, readCost, unread } from "./stored.ts";

/*
 * A judged image as it is read back, from reports and from the ledger. Each schema is held to the model's own type. Keys
 * may be added, so unknown ones are let pass and dropped.
 */

const text = z.string();
const exactly = <const T extends readonly string[]>(...words: T): z.ZodEnum<{ [K in T[number]]: K }> =>
  z.enum(words);

const evidence: z.ZodType<Evidence> = z.object({
  locator: text.describe("Where, outermost first: image > qcow2 > gpt#1 > ext4 > /etc/sysctl.conf"),
  line: z.int().positive().exactOptional().describe("1-based line in the file"),
  text: text.exactOptional().describe("The line, untouched"),
});
const evidenceList = z.array(evidence);

const os: z.ZodType<OsInfo> = z.object({
  id: text.describe("os-release ID, windows or unknown"),
  version: text.describe("os-release VERSION_ID; may be empty"),
  type: exactly("linux", "windows", "unknown"),
  name: text.describe("For people"),
  like: z.array(text).describe("os-release ID_LIKE"),
});

const step: z.ZodType<Step> = z.object({
  layer: text,
  text,
  decides: z.boolean().exactOptional(),
  evidence: evidenceList,
});
const blindSpot: z.ZodType<BlindSpot> = z.object({
  layer: text,
  text,
  decisive: z.boolean().describe("True when it can turn the answer around"),
  evidence: evidenceList,
});
const firewall: z.ZodType<Firewall> = z.object({
  kind: exactly("none", "ip6tables", "nftables", "firewalld", "ufw", "windows-firewall", "unknown"),
  filtersIpv6: z.union([z.boolean(), z.literal("unknown")]),
});
const disableValues: readonly unknown[] = [0, 1, "unknown", "absent"];

/** By hand: an interface may be called `__proto__`, which zod would drop. */
const disableIpv6 = z
  .custom<Prediction["disableIpv6"]>(
    (given) =>
      typeof given === "object" &&
      given !== null &&
      ["all", "default", "lo", "nic"].every((name) => Object.hasOwn(given, name)) &&
      Object.values(given).every((value) => disableValues.includes(value)),
    "not the values of disable_ipv6 by interface",
  )
  .meta({
    description: "nic is the card that the cloud gives the instance; others stand under their names",
    type: "object",
    required: ["all", "default", "lo", "nic"],
    additionalProperties: { enum: disableValues },
  });

const prediction: z.ZodType<Prediction> = z.object({
  state: exactly("off", "on", "partial", "unknown").describe("Judged by the card that the cloud gives"),
  stack: exactly("absent", "disabled", "present", "unknown"),
  disableIpv6,
  addressing: exactly("none", "link-local", "slaac", "dhcpv6", "static", "unknown"),
  firewall,
  confidence: exactly("certain", "likely", "none"),
  reason: text,
  blindSpots: z.array(blindSpot),
  deciding: z.array(step).describe("The steps that decide, in boot order"),
  steps: z.array(step).describe("In boot order"),
});

const check: z.ZodType<PlaceCheck> = z.object({
  place: text,
  outcome: exactly("compliant", "violating", "absent", "no-effect", "unreadable"),
  message: text,
  evidence: evidenceList,
});
const checklistItem: z.ZodType<ChecklistItem> = z.object({ confirm: text, command: text, expected: text });
const control: z.ZodType<Control> = z.object({ catalogue: text, id: text, title: text });
const waiver: z.ZodType<AppliedWaiver> = z.object({
  id: text,
  state: exactly("applies", "expired"),
  reason: text,
  approvedBy: text,
  expires: text,
});

const finding: z.ZodType<Finding> = z.object({
  rule: text,
  title: text,
  severity: exactly("high", "medium", "low", "info"),
  section: text,
  outcome: exactly("pass", "fail", "review", "unknown", "not-applicable"),
  message: text,
  remedy: text.describe("Empty when there is nothing to do"),
  checks: z.array(check),
  evidence: evidenceList,
  checklist: z.array(checklistItem).exactOptional(),
  controls: z.array(control).exactOptional(),
  waiver: waiver.exactOptional(),
});

const boot: z.ZodType<BootFacts> = z
  .object({
    loader: text.exactOptional(),
    entry: text.exactOptional(),
    kernelPath: text.exactOptional(),
    // JSON has no undefined: what cannot be told is left out.
    kernelVersion: text.optional(),
    cmdline: text.optional(),
    cmdlineUnknown: text.exactOptional(),
    cmdlineEvidence: evidenceList,
    nicNames: z.array(text),
    notes: z.array(text),
  })
  .transform(({ kernelVersion, cmdline, ...rest }) => ({ ...rest, kernelVersion, cmdline }));

/** One image, judged: an entry of `results`, and a line of the NDJSON format. */
export const storedResult: z.ZodType<ScanResult> = z.object({
  image: z.intersection(imageRef, z.object({ os })),
  verdict: exactly("pass", "flagged", "review", "unreadable", "waived"),
  reason: text,
  policy: text.describe("Id of the policy"),
  prediction: prediction.exactOptional(),
  findings: z.array(finding),
  unread: z.array(unread),
  notes: z.array(text),
  boot: boot.exactOptional(),
  cost: readCost,
  access: access.exactOptional(),
});
