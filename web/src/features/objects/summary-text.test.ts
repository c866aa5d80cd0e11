import { expect, it } from "vitest";
import { change, figure, moves, toneOf } from "./summary-text.ts";

it("a score that rises is good, a duration that rises is not", () => {
  const score = { name: "Tone", score: 0.75, diff: 0.125, improvements: 3, regressions: 1 };
  expect([figure(score), change(score), toneOf(score)]).toEqual(["75%", "+12.5%", "good"]);
  expect(moves(score)).toBe("3 inputs better, 1 worse");
  const time = { name: "duration", metric: 1.5, unit: "s", diff: 0.5, improvements: 0, regressions: 2 };
  expect([figure(time), change(time), toneOf(time)]).toEqual(["1.50\u202fs", "+500\u202fms", "bad"]);
  expect(change({ ...time, diff: 0 })).toBe("±0");
  expect(toneOf({ ...score, diff: 0 })).toBe("same");
});
