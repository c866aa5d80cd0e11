import { describe, expect, it } from "vitest";
import type { ProjectScore } from "@/api/types.ts";
import type { Metrics, ScoreMetrics } from "@/live/metrics.ts";
import { bySource, orderedScores, scoreSentence, topOptions } from "./metrics-text.ts";

const score: ScoreMetrics = {
  count: 3,
  mean: 0.625,
  min: 0,
  max: 1,
  stddev: null,
  histogram: [1, 0, 0, 0, 0, 0, 0, 0, 0, 2],
  options: {},
  by_source: { human: { count: 2, mean: 1 }, external: { count: 0, mean: null } },
  reviewers: {},
};

describe("figures in words", () => {
  it("name only the sources that gave something", () => {
    expect(bySource(score)).toEqual([{ name: "People", mean: "100%", count: 2 }]);
  });

  it("say what a histogram shows", () => {
    expect(scoreSentence("Tone", score)).toBe("Tone: mean 62.5% over 3 rows. 0 to 10%: 1, 90 to 100%: 2.");
    expect(scoreSentence("Tone", { ...score, count: 0 })).toBe("Tone: no values yet.");
  });

  it("name options by how often they were chosen", () => {
    expect(topOptions({ ...score, options: { Refusal: 2, None: 0, "Wrong policy": 7, Missing: 2 } })).toEqual(
      [
        { name: "Wrong policy", count: 7 },
        { name: "Missing", count: 2 },
        { name: "Refusal", count: 2 },
      ],
    );
  });

  it("come in the order of the configuration", () => {
    const metrics = { scores: { Alpha: score, Tone: score, Correctness: score } } as unknown as Metrics;
    const configured = [{ name: "Correctness" }, { name: "Tone" }] as ProjectScore[];
    expect(orderedScores(metrics, configured).map(([name]) => name)).toEqual([
      "Correctness",
      "Tone",
      "Alpha",
    ]);
  });
});
