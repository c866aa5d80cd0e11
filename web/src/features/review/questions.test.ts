import { expect, test } from "vitest";
import type { ProjectScore } from "@/api/types.ts";
import type { ReviewView } from "@/sync/view.ts";
import {
  answerText,
  digitAnswer,
  isAnswered,
  isSplit,
  neighbour,
  nextQuestion,
  type Question,
  questionsOf,
  readPercent,
  toggled,
} from "./questions.ts";

const score = (name: string, extra: Partial<ProjectScore>): ProjectScore => ({
  id: name,
  project_id: "p",
  user_id: "u",
  name,
  description: null,
  score_type: "slider",
  categories: null,
  config: null,
  position: null,
  created: "",
  ...extra,
});

const [tone, correct, modes, why] = questionsOf([
  score("Tone", {}),
  score("Correctness", {
    score_type: "categorical",
    categories: [
      { name: "Fail", value: 0 },
      { name: "Partial", value: 0.5 },
      { name: "Pass", value: 1 },
    ],
  }),
  score("Computed", { score_type: "weighted" }),
  score("Modes", {
    score_type: "categorical",
    categories: [
      { name: "Late", value: 0 },
      { name: "Rude", value: 1 },
    ],
    config: { destination: "expected", multi_select: true },
  }),
  score("Why", { score_type: "free-form", config: { destination: "metadata.why" } }),
]) as [Question, Question, Question, Question];

test("kinds that people answer, in order; computed scores are not asked", () => {
  expect([tone.kind, correct.kind, modes.kind, why.kind]).toEqual(["slider", "choice", "expected", "text"]);
  expect(modes).toMatchObject({ options: ["Late", "Rude"], multiple: true, alone: true });
});

test("digits choose options and tenths of a slider; in a multiple choice they add and take away", () => {
  expect(digitAnswer(correct, undefined, 2)).toBe(0.5);
  expect(digitAnswer(correct, undefined, 4)).toBeUndefined();
  expect(digitAnswer(tone, undefined, 1)).toBe(0.1);
  expect(digitAnswer(tone, 0.1, 0)).toBe(1);
  expect(digitAnswer(modes, undefined, 2)).toEqual(["Rude"]);
  expect(digitAnswer(modes, ["Rude"], 1)).toEqual(["Late", "Rude"]);
  expect(digitAnswer(modes, ["Rude"], 2)).toBeNull();
  expect(toggled(modes, "Late", "Rude")).toEqual(["Late", "Rude"]);
});

test("answers in words", () => {
  expect(answerText(correct, 0.5)).toBe("Partial");
  expect(answerText(correct, 0.7)).toBe("70%");
  expect(answerText(tone, 0.625)).toBe("62.5%");
  expect(answerText(modes, ["Rude", "Late"])).toBe("Late, Rude");
  expect(answerText(tone, null)).toBe("none");
});

test("split: another option, or more than a quarter apart", () => {
  expect(isSplit(correct, [0.5, 0])).toBe(true);
  expect(isSplit(correct, [0.5, 0.5, null])).toBe(false);
  expect(isSplit(tone, [0.5, 0.75])).toBe(false);
  expect(isSplit(tone, [0.5, 0.76])).toBe(true);
  expect(isSplit(tone, [0.5])).toBe(false);
});

test("percent as people type it", () => {
  expect(readPercent("62")).toBe(0.62);
  expect(readPercent(" 62,5 % ")).toBe(0.625);
  expect(readPercent("101")).toBeNull();
  expect(readPercent("abc")).toBeNull();
  expect(readPercent("")).toBeNull();
});

test("moving: to the next open question, around in a group", () => {
  const done = new Set([correct]);
  expect(nextQuestion([tone, correct, modes, why], 0, (question) => done.has(question))).toBe(2);
  expect(nextQuestion([tone, correct], 1, () => true)).toBe(1);
  expect(neighbour([1, 2, 3], 2, 1)).toBe(0);
  expect(neighbour([1, 2, 3], -1, -1)).toBe(2);
});

test("a withdrawn score is no answer; a free-form text counts for everybody", () => {
  const view = { scores: { me: { Tone: null, Modes: [] } }, fields: { Why: " x " } } as unknown as ReviewView;
  expect([tone, modes, why].map((question) => isAnswered(question, view, "me"))).toEqual([
    false,
    false,
    true,
  ]);
});
