import { useQuery } from "@tanstack/react-query";
import { summaryQuery } from "@/api/queries.ts";
import type { SummaryEntry } from "@/api/types.ts";
import { cx } from "@/ui/cx.ts";
import { change, figure, moves, toneOf } from "./summary-text.ts";

/** How often figures of a running evaluation are asked for again. */
const RENEW_MS = 10_000;

/** Means of an experiment over its traces, beside the experiment that it is compared with. */
export function SummaryStrip({ experiment }: { experiment: string }) {
  const query = useQuery({ ...summaryQuery(experiment), refetchInterval: RENEW_MS });
  const summary = query.data;
  const entries = [...Object.values(summary?.scores ?? {}), ...Object.values(summary?.metrics ?? {})];
  if (!summary || entries.length === 0) return null;
  const base = summary.comparison_experiment_name;
  return (
    <section
      aria-label="Summary"
      className="flex flex-none flex-wrap items-baseline gap-x-6 gap-y-1 border-b border-line px-5 py-2"
    >
      <span className="text-small text-ink-3">
        {base ? `Compared with ${base}` : "Means over all traces"}
      </span>
      {entries.map((entry) => (
        <Entry key={entry.name} entry={entry} compared={base !== null} />
      ))}
    </section>
  );
}

const tones = { good: "text-pass", bad: "text-fail", same: "text-ink-3" } as const;

function Entry({ entry, compared }: { entry: SummaryEntry; compared: boolean }) {
  return (
    <span className="inline-flex items-baseline gap-1.5">
      <span className="text-small text-ink-2">{entry.name}</span>
      <span className="num font-medium">{figure(entry)}</span>
      {compared && entry.diff !== undefined && (
        <span className={cx("num text-small", tones[toneOf(entry)])} title={moves(entry)}>
          {change(entry)}
        </span>
      )}
    </span>
  );
}
