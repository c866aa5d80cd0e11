/** How figures of a summary read. Pure. */
import type { SummaryEntry } from "@/api/types.ts";
import { cost, count, duration, percent, plural } from "@/lib/format.ts";

const isScore = (entry: SummaryEntry): boolean => entry.score !== undefined;

function amount(value: number, unit: string | undefined): string {
  if (unit === "s") return duration(value);
  if (unit === "$") return cost(value);
  return count(value);
}

/** The mean: scores as shares of a hundred, metrics in their unit. */
export function figure(entry: SummaryEntry): string {
  return isScore(entry) ? percent(entry.score) : amount(entry.metric ?? 0, entry.unit);
}

/** How it differs from the other experiment, with its sign. */
export function change(entry: SummaryEntry): string {
  const diff = entry.diff ?? 0;
  const size = Math.abs(diff);
  const text = isScore(entry) ? percent(size) : amount(size, entry.unit);
  if (size < 1e-9) return "±0";
  return `${diff > 0 ? "+" : "−"}${text}`;
}

/** Whether the difference is to the good: scores should rise, what things cost should fall. */
export function toneOf(entry: SummaryEntry): "good" | "bad" | "same" {
  const diff = entry.diff ?? 0;
  if (Math.abs(diff) < 1e-9) return "same";
  return diff > 0 === isScore(entry) ? "good" : "bad";
}

/** On how many inputs it got better or worse. */
export function moves(entry: SummaryEntry): string {
  return `${plural(entry.improvements, "input")} better, ${count(entry.regressions)} worse`;
}
