import { defineConfig, mergeConfig } from "vitest/config";
import app from "./vite.config.ts";

export default mergeConfig(
  app,
  defineConfig({
    test: {
      environment: "happy-dom",
      include: ["src/**/*.test.{ts,tsx}"],
      setupFiles: ["src/test/setup.ts"],
      restoreMocks: true,
      // No test measures time; a busy machine must not fail one.
      testTimeout: 60_000,
      // One browser-like world per worker instead of one per file: five times faster on two cores. Tests leave
      // nothing behind: setup.ts unmounts what was rendered and empties the storage.
      pool: "threads",
      isolate: false,
    },
  }),
);
