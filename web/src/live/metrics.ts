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
  /** Spans, not traces. */
  rows: number;
  scores: Record<string, ScoreMetrics>;
  review: { awaiting: number; in_progress: number; complete: number; assigned: Record<string, number> };
  comments: number;
  /** Rows whose review set the expected value. */
  expected: number;
}

/** What changed since the revision before. */
export type MetricsUpdate = Partial<Omit<Metrics, "scores">> & {
  scores?: Record<string, ScoreMetrics | null>;
};

/**
 * `snapshot` with what an update says: whole values of the top level, and scores one by one. A score that
 * vanished is sent as null. Parts that did not change keep their identity.
 */
export function applyUpdate(snapshot: Metrics, change: MetricsUpdate): Metrics {
  const { scores, ...rest } = change;
  if (!scores) return { ...snapshot, ...rest };
  const next = { ...snapshot.scores };
  for (const [name, score] of Object.entries(scores)) {
    if (score === null) delete next[name];
    else next[name] = score;
  }
  return { ...snapshot, ...rest, scores: next };
}
