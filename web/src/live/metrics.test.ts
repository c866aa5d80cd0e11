import { describe, expect, it } from "vitest";
import { applyUpdate, type Metrics } from "./metrics.ts";

const score = {
  count: 2,
  mean: 0.5,
  min: 0,
  max: 1,
  stddev: 0.7,
  histogram: [1, 0, 0, 0, 0, 0, 0, 0, 0, 1],
  options: { Pass: 1, Fail: 1 },
  by_source: { human: { count: 2, mean: 0.5 }, logged: { count: 0, mean: null } },
  reviewers: { eva: 2 },
};
const snapshot: Metrics = {
  rows: 8,
  scores: { Correctness: score, Tone: { ...score } },
  review: { awaiting: 1, in_progress: 0, complete: 0, assigned: { eva: 1 } },
  comments: 0,
  expected: 0,
};

describe("an update of the figures", () => {
  it("changes only what it names and keeps the identity of the rest", () => {
    const next = applyUpdate(snapshot, { comments: 3, scores: { Tone: { ...score, mean: 0.9 } } });
    expect(next.comments).toBe(3);
    expect(next.scores.Tone?.mean).toBe(0.9);
    expect(next.scores.Correctness).toBe(snapshot.scores.Correctness);
    expect(next.review).toBe(snapshot.review);
  });

  it("takes a score away when it is sent as null", () => {
    const gone = applyUpdate(snapshot, { scores: { Tone: null } });
    expect(Object.keys(gone.scores)).toEqual(["Correctness"]);
    expect(Object.keys(snapshot.scores)).toEqual(["Correctness", "Tone"]);
  });

  it("replaces a score and the review counts whole, so that vanished options do not linger", () => {
    const next = applyUpdate(snapshot, {
      scores: { Tone: { ...score, options: { Pass: 2 } } },
      review: { awaiting: 0, in_progress: 0, complete: 0, assigned: {} },
    });
    expect(next.scores.Tone?.options).toEqual({ Pass: 2 });
    expect(next.review.assigned).toEqual({});
  });

  it("adds a score that was not there", () => {
    expect(applyUpdate(snapshot, { scores: { New: score } }).scores.New).toEqual(score);
  });
});
