/** The figures of one object as the live topic sends them, and how an update changes a snapshot. Pure. */

/** Count and mean of one source of judgements. */
export interface SourceFigures {
  count: number;
  mean: number | null;
}

export interface ScoreMetrics {
  count: number;
  mean: number | null;
  min: number | null;
  max: number | null;
  stddev: number | null;
  /** Ten bins: [0, 0.1) … [0.9, 1]. */
  histogram: number[];
  /** Rows by effective option. */
  options: Record<string, number>;
  by_source: { human?: SourceFigures; external?: SourceFigures; logged?: SourceFigures };
  /** Judgements by reviewer key. */
  reviewers: Record<string, number>;
}

export interface Metrics {
  rows: number;
  /** Traces, where the server counts them. */
  traces?: number;
  scores: Record<string, ScoreMetrics>;
  review: { awaiting: number; in_progress: number; complete: number; assigned: Record<string, number> };
  comments: number;
  /** Rows whose review set the expected value. */
  expected: number;
}

type Plain = { [key: string]: unknown };

function isPlain(value: unknown): value is Plain {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Maps whose keys come and go: sent whole, so that a vanished key does not linger. */
const WHOLE = new Set(["options", "reviewers", "assigned"]);

function merge(base: Plain, change: Plain, inScores: boolean): Plain {
  const next: Plain = { ...base };
  for (const [key, value] of Object.entries(change)) {
    // A score that vanishes is sent as null.
    if (value === null && inScores) delete next[key];
    else if (isPlain(value) && isPlain(next[key]) && !WHOLE.has(key)) {
      next[key] = merge(next[key], value, key === "scores" && !inScores);
    } else next[key] = value;
  }
  return next;
}

/** `snapshot` with what an update says; parts that did not change keep their identity. */
export function applyUpdate(snapshot: Metrics, change: Partial<Metrics>): Metrics {
  return merge(snapshot as unknown as Plain, change as Plain, false) as unknown as Metrics;
}
