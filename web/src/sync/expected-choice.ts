/**
 * Scores that are written to the expected value: how a choice joins what is there already.
 *
 * 1 nothing expected: the choice itself, or an object of choices when the project has several such scores;
 * 2 an object: the choice under the score's name; 3 the score's own options: replaced;
 * 4 anything else is kept under "value" beside the choice.
 */

import type { Json } from "./document.ts";
import { type Draft, setChoice, startExpected } from "./edit.ts";
import { sameJson, writeDifference } from "./json-tree.ts";

export interface ChoiceScore {
  name: string;
  options: readonly string[];
  /** The project has no other score that is written to the expected value. */
  alone: boolean;
}

type Choice = string | readonly string[] | null;

function isObject(value: Json): value is { [key: string]: Json } {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

function isOwnOptions(value: Json, options: readonly string[]): boolean {
  const list = Array.isArray(value) ? value : [value];
  return list.length > 0 && list.every((item) => typeof item === "string" && options.includes(item));
}

/** What is expected once `choice` was made; `undefined` when nothing is expected any more. */
export function joinChoice(expected: Json, score: ChoiceScore, choice: Choice): Json | undefined {
  const value: Json = choice === null ? null : typeof choice === "string" ? choice : [...choice];
  if (isObject(expected)) {
    const rest = Object.fromEntries(Object.entries(expected).filter(([key]) => key !== score.name));
    if (value !== null) return { ...expected, [score.name]: value };
    return Object.keys(rest).length === 0 ? undefined : rest;
  }
  const own = isOwnOptions(expected, score.options);
  if (value === null) return own ? undefined : expected;
  if (own || (expected === null && score.alone)) return value;
  if (expected === null) return { [score.name]: value };
  return { value: expected, [score.name]: value };
}

/** The choice under the reviewer's key and its effect on the expected value, in one change. */
export function choose(draft: Draft, me: string, score: ChoiceScore, choice: Choice, now: Json): void {
  setChoice(draft, me, score.name, choice);
  const next = joinChoice(now, score, choice) ?? null;
  if (sameJson(next, now)) return;
  if (draft.expected.set && isObject(now) && isObject(next))
    writeDifference(draft, ["expected", "value"], now, next);
  else startExpected(draft, next);
}
