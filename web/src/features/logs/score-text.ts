/** How a score's value reads. Pure. */
import type { HumanScore, ProjectScore } from "@/api/types.ts";
import { percent } from "@/lib/format.ts";

/** The option's name where the number is one of the options, else a share of a hundred. */
export function scoreText(value: number | null | undefined, score: ProjectScore | undefined): string {
  if (value === null || value === undefined) return "";
  const option = score?.categories?.find((category) => Math.abs(category.value - value) < 1e-9);
  return option?.name ?? percent(value);
}

/** Tone of a human value: colour repeats the text, so anything that is no clear end stays in the middle. */
export function scoreTone(value: number): "pass" | "warn" | "fail" {
  if (value >= 0.75) return "pass";
  return value < 0.25 ? "fail" : "warn";
}

/** Judgements of one score that are numbers, by reviewer. */
export function judgements(
  human: readonly HumanScore[],
  name: string,
): { reviewer: string; value: number }[] {
  return human.flatMap((one) =>
    one.score === name && typeof one.value === "number" ? [{ reviewer: one.reviewer, value: one.value }] : [],
  );
}

/** True when people disagree: by an option, or by more than a quarter of the scale. */
export function isSplit(values: readonly number[], score: ProjectScore | undefined): boolean {
  if (values.length < 2) return false;
  const spread = Math.max(...values) - Math.min(...values);
  return score?.score_type === "categorical" ? spread > 1e-9 : spread > 0.25;
}
