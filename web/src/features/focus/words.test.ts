import { expect, test } from "vitest";
import { agreementWords, doneWords, spell, timeLeft } from "./words.ts";

test("time left is told once the pace is known", () => {
  expect(timeLeft(null, 40)).toBe("");
  expect(timeLeft(30_000, 36)).toBe("about 18 min left");
  expect(timeLeft(30_000, 0)).toBe("");
  expect([4_000, 42_000, 58_000, 7_800_000].map(spell)).toEqual(["5 s", "40 s", "1 min", "2 h 10 min"]);
});

test("what is done and what is left", () => {
  expect(doneWords(23, 37, false)).toBe("23 done, 37 left");
  expect(doneWords(1, 1000, true)).toBe("1 done, 1,000+ left");
  expect(doneWords(60, 0, false)).toBe("60 done, none left");
});

test("agreement counts only what others have answered", () => {
  expect(agreementWords(0, 0)).toBe("");
  expect(agreementWords(12, 1)).toBe("You agree with others on 11 of 12 answers");
  expect(agreementWords(1, 0)).toBe("You agree with others on 1 of 1 answer");
});
