import { describe, expect, it } from "vitest";
import type { ProjectScore } from "@/api/types.ts";
import { isSplit, judgements, scoreText, scoreTone } from "./score-text.ts";

const categorical = {
  name: "Correctness",
  score_type: "categorical",
  categories: [
    { name: "Fail", value: 0 },
    { name: "Pass", value: 1 },
  ],
} as ProjectScore;

describe("a score in a row", () => {
  it("reads as its option, or as a share where it matches none", () => {
    expect(scoreText(1, categorical)).toBe("Pass");
    expect(scoreText(0.5, categorical)).toBe("50%");
    expect(scoreText(0.625, undefined)).toBe("62.5%");
    expect(scoreText(null, categorical)).toBe("");
  });

  it("is toned by the end of the scale it is at", () => {
    expect([0, 0.24, 0.25, 0.74, 0.75, 1].map(scoreTone)).toEqual([
      "fail",
      "fail",
      "warn",
      "warn",
      "pass",
      "pass",
    ]);
  });

  it("is split when options differ, or numbers by more than a quarter", () => {
    expect(isSplit([0, 1], categorical)).toBe(true);
    expect(isSplit([1, 1], categorical)).toBe(false);
    expect(isSplit([0.5, 0.75], undefined)).toBe(false);
    expect(isSplit([0.5, 0.76], undefined)).toBe(true);
    expect(isSplit([1], categorical)).toBe(false);
  });

  it("takes only numbers given to this score", () => {
    expect(
      judgements(
        [
          { reviewer: "a", score: "Correctness", value: 1 },
          { reviewer: "b", score: "Correctness", value: null },
          { reviewer: "c", score: "Tone", value: 0.5 },
          { reviewer: "d", score: "Correctness", value: "text" },
        ],
        "Correctness",
      ),
    ).toEqual([{ reviewer: "a", value: 1 }]);
  });
});
