/** Debian's Chromium, named by CHROMIUM: Playwright's own download is never used. One worker: every test shares a server. */
import { defineConfig } from "@playwright/test";

const executablePath = process.env.CHROMIUM;
if (!executablePath) throw new Error("CHROMIUM must name a Chromium, such as CHROMIUM=$(command -v chromium)");

export default defineConfig({
  testDir: "specs",
  testMatch: "*.spec.mjs",
  workers: 1,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  reporter: [["list"]],
  forbidOnly: true,
  use: {
    viewport: { width: 1440, height: 900 },
    screenshot: "only-on-failure",
    launchOptions: {
      executablePath,
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--force-color-profile=srgb",
        "--font-render-hinting=none",
      ],
    },
  },
});
