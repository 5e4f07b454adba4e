import { availableParallelism } from "node:os";
import { defineConfig, type ViteUserConfig } from "vitest/config";

const config: ViteUserConfig = defineConfig({
  test: {
    include: ["src/**/*.test.ts", "providers/**/*.test.ts", "test/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    globalSetup: ["./test/support/temporary/root.ts"],
    setupFiles: ["./test/support/temporary/file.ts"],
    pool: "forks",
    // One more than the cores: many files wait for a fake cloud's clock, a database or a machine in qemu.
    maxWorkers: availableParallelism() + 1,
    reporters: ["default", "./test/support/closing-line.ts"],
  },
});
export default config;
