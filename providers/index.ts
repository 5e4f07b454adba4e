import type { ProviderEntry } from "./contract.ts";

/** Every provider; the first that takes a target gets it. `file` takes what is left and stays last. */
export const PROVIDERS: readonly ProviderEntry[] = [
  {
    id: "http",
    takes: (target) => /^https?:\/\//i.test(target),
    load: async () => (await import("./http/index.ts")).http,
  },
  {
    id: "aws",
    takes: (target) => target.startsWith("aws:"),
    load: async () => (await import("./aws/index.ts")).aws,
  },
  {
    id: "azure",
    takes: (target) => /^azure:/i.test(target),
    load: async () => (await import("./azure/index.ts")).azure,
  },
  {
    id: "gcp",
    takes: (target) => /^(?:gcp:|gs:\/\/)/.test(target),
    load: async () => (await import("./gcp/index.ts")).gcp,
  },
  { id: "file", takes: () => true, load: async () => (await import("./file/index.ts")).file },
];
