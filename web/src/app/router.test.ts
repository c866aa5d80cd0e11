import { describe, expect, it } from "vitest";
import { safeReturn } from "./router.tsx";

describe("the way back after signing in", () => {
  it("stays in this app", () => {
    expect(safeReturn("/app/acme/p/bot/logs?order=oldest")).toBe("/app/acme/p/bot/logs?order=oldest");
    for (const bad of [
      "//evil.example",
      "/\\evil.example",
      "https://evil.example",
      "javascript:alert(1)",
      7,
      undefined,
    ]) {
      expect(safeReturn(bad)).toBeUndefined();
    }
  });
});
