import type { BlindSpot, Step } from "../../../model/prediction.ts";
import { followKernel, KERNEL_WANTS, type KernelBuild, kernelBuild } from "../../kernel-build.ts";
import type { BootState, Layer } from "../../layer.ts";

/** Whether the kernel that boots has IPv6, and when it comes up. */
export const kernel: Layer<KernelBuild> = {
  id: "kernel",
  wants: KERNEL_WANTS,
  follow: followKernel,
  read: kernelBuild,
  effect(facts, before) {
    const { stack, loads, text } = MEANING[facts.build];
    const step: Step = { layer: "kernel", text, evidence: facts.evidence, decides: true };
    const state: BootState = { ...before, stack, loads };
    const blindSpots: BlindSpot[] = [];
    if (facts.build === "unknown") {
      const text = `how IPv6 is built into the kernel is not known: ${facts.reason ?? "no record of its build"}`;
      blindSpots.push({ layer: "kernel", text, evidence: facts.evidence, decisive: true });
    }
    if (facts.build === "none") {
      const text =
        "the image holds no kernel; one with IPv6 built in is assumed, as in every large distribution";
      blindSpots.push({ layer: "kernel", text, evidence: [], decisive: false });
    }
    return { state, steps: [step], blindSpots };
  },
};

const MEANING: Readonly<
  Record<KernelBuild["build"], Pick<BootState, "stack" | "loads"> & { readonly text: string }>
> = {
  "built-in": { stack: "present", loads: "boot", text: "IPv6 is built into the kernel and on by default" },
  module: { stack: "present", loads: "late", text: "IPv6 is a module of the kernel, loaded on first use" },
  absent: { stack: "absent", loads: "unknown", text: "the kernel was built without IPv6" },
  none: {
    stack: "present",
    loads: "boot",
    text: "no kernel here: IPv6 is taken as built in and on by default",
  },
  unknown: {
    stack: "unknown",
    loads: "unknown",
    text: "how IPv6 is built into the kernel could not be told",
  },
};
