import { expect, test } from "vitest";
import { isKernelVersion } from "./kernel-version.ts";

test.for([
  ["<3", "6.1.0-18-cloud-amd64", "no"],
  [">=5.10", "6.1.0-18-cloud-amd64", "yes"],
  [">= 5.10", "6.1.0-18-cloud-amd64", "yes"],
  [">=5.10 <6.2", "6.1.0-18-cloud-amd64", "yes"],
  [">=5.10 <6", "6.1.0-18-cloud-amd64", "no"],
  [">=6.1", "6.1.0-18-cloud-amd64", "yes"],
  ["<6.1", "6.1.0-18-cloud-amd64", "no"],
  ["<6.1.1", "6.1.0-18-cloud-amd64", "yes"],
  ["<6.10", "6.9.7-arch1-1", "yes"],
  [">6.12.38", "6.12.38+deb13-cloud-amd64", "yes"],
  ["<=6.1.0-19-cloud-amd64", "6.1.0-18-cloud-amd64", "maybe"],
  ["=6.1.0-18-cloud-amd64", "6.1.0-18-cloud-amd64", "yes"],
  ["!=6.1.0-18-cloud-amd64", "6.1.0-18-cloud-amd64", "no"],
  ["6.1.*", "6.1.0-18-cloud-amd64", "yes"],
  ["$=5.*", "6.1.0-18-cloud-amd64", "no"],
  ["!$=5.*", "6.1.0-18-cloud-amd64", "yes"],
  ['">=5.10"', "6.1.0-18-cloud-amd64", "yes"],
  ["<3", undefined, "maybe"],
  ["<", "6.1", "maybe"],
] as const)("KernelVersion=%s on %s: %s", ([text, version, answer]) => {
  expect(isKernelVersion(text, version)).toBe(answer);
});
