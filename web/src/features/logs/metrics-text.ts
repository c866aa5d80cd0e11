/** The figures of a project in words: labels, sentences, rows of a table. Pure. */
import type { ProjectScore } from "@/api/types.ts";
import { count, percent, plural } from "@/lib/format.ts";
import type { Metrics, ScoreMetrics } from "@/live/metrics.ts";

const sources = [
  { key: "human", name: "People" },
  { key: "external", name: "End users" },
  { key: "logged", name: "Logged" },
] as const;

/** Mean and count of each source that gave anything. */
export function bySource(score: ScoreMetrics): { name: string; mean: string; count: number }[] {
  return sources.flatMap(({ key, name }) => {
    const figures = score.by_source[key];
    return figures && figures.count > 0
      ? [
          {
            name,
            mean: percent(figures.mean === null ? null : Math.round(figures.mean * 100) / 100),
            count: figures.count,
          },
        ]
      : [];
  });
}

/** Options by how often they were chosen, most first. */
export function topOptions(score: ScoreMetrics): { name: string; count: number }[] {
  return Object.entries(score.options)
    .filter(([, times]) => times > 0)
    .map(([name, times]) => ({ name, count: times }))
    .sort((a, b) => b.count - a.count || a.name.localeCompare(b.name));
}

/** One sentence for a score's histogram. */
export function scoreSentence(name: string, score: ScoreMetrics): string {
  if (score.count === 0) return `${name}: no values yet.`;
  const bins = score.histogram
    .map((value, i) => ({ value, from: i * 10, to: (i + 1) * 10 }))
    .filter((bin) => bin.value > 0)
    .map((bin) => `${bin.from} to ${bin.to}%: ${count(bin.value)}`);
  return `${name}: mean ${percent(score.mean)} over ${plural(score.count, "row")}. ${bins.join(", ")}.`;
}

/** Scores in the order of the configuration, then the others by name. */
export function orderedScores(
  metrics: Metrics,
  configured: readonly ProjectScore[],
): [string, ScoreMetrics][] {
  const place = new Map(configured.map((score, index) => [score.name, index]));
  return Object.entries(metrics.scores).sort(
    ([a], [b]) => (place.get(a) ?? 1e9) - (place.get(b) ?? 1e9) || a.localeCompare(b),
  );
}

/** Parts of the review bar, in the order of work. */
export function reviewParts(review: Metrics["review"]): { key: string; word: string; value: number }[] {
  return [
    { key: "awaiting", word: "awaiting", value: review.awaiting },
    { key: "in_progress", word: "in progress", value: review.in_progress },
    { key: "complete", word: "complete", value: review.complete },
  ];
}
