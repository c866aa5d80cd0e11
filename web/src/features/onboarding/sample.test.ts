import { describe, expect, it } from "vitest";
import { sample } from "./sample.ts";

describe("the lines that send a first trace", () => {
  it("name the server, the project and the key, quoted", () => {
    for (const language of ["python", "typescript"] as const) {
      const { code } = sample(language, "http://127.0.0.1:8484", 'my "bot"', "sk-1");
      expect(code).toContain('"http://127.0.0.1:8484"');
      expect(code).toContain(String.raw`"my \"bot\""`);
      expect(code).toContain('"sk-1"');
    }
  });
});
