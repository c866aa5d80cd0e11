/** What the project asks of a reviewer, and what the answers mean. Pure. */
import type { ProjectScore } from "@/api/types.ts";
import { percent } from "@/lib/format.ts";
import type { Judgement, ReviewView } from "@/sync/view.ts";

interface Asked {
  id: string;
  name: string;
  description: string | null;
}

export type Question =
  | (Asked & { kind: "slider" })
  | (Asked & { kind: "choice"; options: readonly { name: string; value: number }[] })
  | (Asked & { kind: "expected"; options: readonly string[]; multiple: boolean; alone: boolean })
  | (Asked & { kind: "text"; destination: string | null });

/** The questions of a project in its order; kinds that nobody answers by hand are left out. */
export function questionsOf(scores: readonly ProjectScore[]): Question[] {
  const writesExpected = scores.filter(isExpected).length;
  return scores.flatMap((score): Question[] => {
    const asked = { id: score.id, name: score.name, description: score.description };
    const categories = Array.isArray(score.categories) ? score.categories : [];
    if (score.score_type === "slider") return [{ ...asked, kind: "slider" }];
    if (isExpected(score)) {
      const options = categories.map((category) => category.name);
      return [
        {
          ...asked,
          kind: "expected",
          options,
          multiple: score.config?.multi_select === true,
          alone: writesExpected === 1,
        },
      ];
    }
    if (score.score_type === "categorical") return [{ ...asked, kind: "choice", options: categories }];
    if (score.score_type === "free-form")
      return [{ ...asked, kind: "text", destination: score.config?.destination ?? null }];
    return [];
  });
}

function isExpected(score: ProjectScore): boolean {
  return score.score_type === "categorical" && score.config?.destination === "expected";
}

/** True when this reviewer has answered; a free-form text is everybody's, so it counts for everybody. */
export function isAnswered(question: Question, view: ReviewView, reviewer: string): boolean {
  if (question.kind === "text") return (view.fields[question.name] ?? "").trim() !== "";
  const value = view.scores[reviewer]?.[question.name];
  return value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0);
}

/** A judgement in words: the option's name where the number is one, else percent. */
export function answerText(question: Question, value: Judgement | undefined): string {
  if (value === undefined || value === null) return "none";
  if (typeof value === "number") {
    const option =
      question.kind === "choice" ? question.options.find((item) => sameNumber(item.value, value)) : undefined;
    return option?.name ?? percent(value);
  }
  if (typeof value === "string") return value;
  return value.length === 0 ? "none" : ordered(question, value).join(", ");
}

export const sameNumber = (a: number, b: number) => Math.abs(a - b) < 1e-6;

/** Chosen options in the order in which the score lists them. */
export function ordered(question: Question, chosen: readonly string[]): string[] {
  if (question.kind !== "expected") return [...chosen];
  return [
    ...question.options.filter((option) => chosen.includes(option)),
    ...chosen.filter((option) => !question.options.includes(option)),
  ];
}

/** Judgements further apart than this are called split. */
const SPLIT = 0.25;

/** True when judgements differ by an option, or by more than a quarter. */
export function isSplit(question: Question, judgements: readonly Judgement[]): boolean {
  const given = judgements.filter((value) => value !== null);
  if (given.length < 2) return false;
  const numbers = given.filter((value) => typeof value === "number");
  if (question.kind === "slider" && numbers.length === given.length) {
    return Math.max(...numbers) - Math.min(...numbers) > SPLIT;
  }
  return new Set(given.map((value) => answerText(question, value))).size > 1;
}

export type Answer = number | string | readonly string[] | null;

/**
 * What pressing a digit answers: the option with that number; in a multiple choice it is added or taken away; on a
 * slider tenths, 0 standing for the whole as it stands after 9. `undefined` when the question has no such option.
 */
export function digitAnswer(
  question: Question,
  current: Judgement | undefined,
  digit: number,
): Answer | undefined {
  if (question.kind === "slider") return digit === 0 ? 1 : digit / 10;
  if (question.kind === "choice") return question.options[digit - 1]?.value;
  if (question.kind !== "expected") return undefined;
  const option = question.options[digit - 1];
  if (option === undefined) return undefined;
  return question.multiple ? toggled(question, current, option) : option;
}

/** A multiple choice with one option added or taken away; null when nothing is left. */
export function toggled(question: Question, current: Judgement | undefined, option: string): Answer {
  const chosen = Array.isArray(current)
    ? (current as readonly string[])
    : typeof current === "string"
      ? [current]
      : [];
  const next = chosen.includes(option) ? chosen.filter((other) => other !== option) : [...chosen, option];
  return next.length === 0 ? null : ordered(question, next);
}

/** The option before or after the current one, for arrow keys in a group; wraps around. */
export function neighbour(options: readonly unknown[], current: number, step: 1 | -1): number {
  if (current < 0) return step === 1 ? 0 : options.length - 1;
  return (current + step + options.length) % options.length;
}

/** Reads a number typed in percent: "62", "62.5", "62 %". Null when it is none from 0 to 100. */
export function readPercent(text: string): number | null {
  const match = /^\s*(\d{1,3}(?:[.,]\d{1,2})?)\s*%?\s*$/.exec(text);
  if (!match?.[1]) return null;
  const value = Number(match[1].replace(",", "."));
  return value <= 100 ? value / 100 : null;
}

/** The next question without an answer after `from`, else the one after it; stays at the end. */
export function nextQuestion(
  questions: readonly Question[],
  from: number,
  answered: (question: Question) => boolean,
): number {
  for (let i = from + 1; i < questions.length; i++) {
    const question = questions[i];
    if (question && !answered(question)) return i;
  }
  return Math.min(from + 1, questions.length - 1);
}

/** How many questions are answered. */
export function progress(questions: readonly Question[], view: ReviewView, reviewer: string): number {
  return questions.filter((question) => isAnswered(question, view, reviewer)).length;
}
