import { Table2 } from "lucide-react";
import { type ReactNode, useState } from "react";
import type { Place } from "@/api/place.ts";
import type { ProjectScore } from "@/api/types.ts";
import { compact, count, percent, plural } from "@/lib/format.ts";
import type { LiveValue } from "@/live/connection.ts";
import type { Metrics, ScoreMetrics } from "@/live/metrics.ts";
import { Button } from "@/ui/button.tsx";
import { cx } from "@/ui/cx.ts";
import { Skeleton } from "@/ui/skeleton.tsx";
import { Histogram } from "./histogram.tsx";
import { MetricsTable } from "./metrics-table.tsx";
import { bySource, orderedScores, reviewParts, scoreSentence, topOptions } from "./metrics-text.ts";
import { useFlash } from "./use-flash.ts";

/** A figure whose tint fades when it changes; nothing moves. */
function Figure({ name, value, unit }: { name: string; value: string; unit?: string }) {
  const flash = useFlash(name, value);
  return (
    <span
      key={flash}
      className={cx(
        "num -mx-1 self-start rounded-chip px-1 text-[20px] leading-[30px] font-semibold tracking-[-.02em]",
        flash > 0 && "[animation:tint_1.2s_ease-out]",
      )}
    >
      {value}
      {unit && <span className="ml-0.5 text-base font-medium tracking-normal text-ink-3">{unit}</span>}
    </span>
  );
}

function Cell({
  label,
  aside,
  wide = false,
  children,
}: {
  label: string;
  aside?: ReactNode;
  wide?: boolean;
  children: ReactNode;
}) {
  return (
    <section
      aria-label={label}
      className={cx(
        "flex flex-none flex-col gap-px border-r border-line px-4 py-2.5",
        wide ? "min-w-[244px]" : "min-w-[120px]",
      )}
    >
      <h2 className="flex items-baseline gap-2 text-small text-ink-3">
        <span className="min-w-0 flex-1 truncate">{label}</span>
        {aside}
      </h2>
      {children}
    </section>
  );
}

function ReviewCell({ review }: { review: Metrics["review"] }) {
  const parts = reviewParts(review);
  const total = parts.reduce((sum, part) => sum + part.value, 0);
  const colours: Record<string, string> = { awaiting: "bg-part", in_progress: "bg-s1", complete: "bg-pass" };
  return (
    <Cell label="Review" wide>
      <span className="flex h-[30px] items-center" aria-hidden="true">
        <span className="flex h-2 flex-1 gap-[1.5px] overflow-hidden rounded-[3px] bg-sunken">
          {parts.map(
            (part) =>
              part.value > 0 && (
                <i
                  key={part.key}
                  className={colours[part.key]}
                  style={{ flexGrow: part.value / Math.max(1, total) }}
                />
              ),
          )}
        </span>
      </span>
      <span className="flex gap-2.5 text-micro text-ink-3">
        {parts.map((part) => (
          <span key={part.key} className="inline-flex items-center gap-1 whitespace-nowrap">
            <i className={cx("size-1.5 rounded-[2px]", colours[part.key])} aria-hidden="true" />
            <Tick name={part.key} value={part.value} /> {part.word}
          </span>
        ))}
      </span>
    </Cell>
  );
}

/** A small number in a sentence whose tint fades when it changes. */
function Tick({ name, value }: { name: string; value: number }) {
  const flash = useFlash(name, value);
  return (
    <b
      key={flash}
      className={cx("num rounded-cap font-medium text-ink-2", flash > 0 && "[animation:tint_1.2s_ease-out]")}
    >
      {count(value)}
    </b>
  );
}

/** A score whose values are options or texts, without numbers: how often each was chosen. */
function WordsCell({ name, score }: { name: string; score: ScoreMetrics }) {
  const [first, ...others] = topOptions(score);
  return (
    <Cell label={name} aside={<span className="num">{plural(score.count, "row")}</span>} wide>
      {first ? (
        <>
          <span className="flex h-[30px] min-w-0 items-center gap-2 text-title font-semibold">
            <span className="truncate">{first.name}</span>
            <Tick name={`${name} ${first.name}`} value={first.count} />
          </span>
          <span className="max-w-[212px] truncate text-micro text-ink-3">
            {others.map((option) => `${option.name} ${count(option.count)}`).join(", ")}
          </span>
        </>
      ) : (
        <Figure name={name} value={count(score.count)} unit="written" />
      )}
    </Cell>
  );
}

function ScoreCell({ name, score }: { name: string; score: ScoreMetrics }) {
  const sources = bySource(score);
  const people = (score.by_source.human?.count ?? 0) > 0;
  return (
    <Cell label={name} aside={<span className="num">{plural(score.count, "row")}</span>} wide>
      <span className="flex items-center justify-between gap-3">
        <Figure name={name} value={percent(score.mean).replace("%", "")} unit="%" />
        <Histogram bins={score.histogram} people={people} label={scoreSentence(name, score)} />
      </span>
      <span className="flex gap-2.5 overflow-hidden text-micro text-ink-3">
        {sources.map((source) => (
          <span key={source.name} className="whitespace-nowrap">
            {source.name} <b className="num font-medium text-ink-2">{source.mean}</b>
            <span className="num"> ({compact(source.count)})</span>
          </span>
        ))}
      </span>
    </Cell>
  );
}

/** The figures of the project above its traces; they move as people work. */
export function MetricsStrip({
  metrics,
  scores,
  total,
  noun,
}: {
  metrics: LiveValue<Metrics>;
  scores: readonly ProjectScore[];
  /** Traces; `null` until the list has been read. */
  total: number | null;
  noun: Place["noun"];
}) {
  const [table, setTable] = useState(false);
  const { data } = metrics;
  if (!data) {
    return (
      <div role="status" className="flex h-[84px] flex-none items-center gap-12 border-b border-line px-5">
        <span className="sr-only">Loading figures</span>
        <Skeleton className="w-20" />
        <Skeleton className="w-40" />
        <Skeleton className="w-48" />
      </div>
    );
  }
  return (
    <section
      aria-label="Figures"
      className={cx(
        "relative flex flex-none border-b border-line bg-surface",
        metrics.stale && "[&_.num]:text-ink-3",
      )}
    >
      <div
        className="flex min-w-0 flex-1 overflow-x-auto outline-offset-[-2px]"
        tabIndex={0}
        role="group"
        aria-label="Figures, scrollable"
      >
        <Cell label={noun === "trace" ? "Traces" : "Records"}>
          <Figure name="traces" value={total === null ? "" : count(total)} />
          {noun === "trace" && (
            <span className="text-micro text-ink-3">
              <b className="num font-medium text-ink-2">{count(data.rows)}</b> spans
            </span>
          )}
        </Cell>
        <ReviewCell review={data.review} />
        <Cell label="Comments">
          <Figure name="comments" value={count(data.comments)} />
          <span className="text-micro text-ink-3">
            <Tick name="expected" value={data.expected} /> expected set
          </span>
        </Cell>
        {orderedScores(data, scores).map(([name, score]) =>
          score.mean === null ? (
            <WordsCell key={name} name={name} score={score} />
          ) : (
            <ScoreCell key={name} name={name} score={score} />
          ),
        )}
      </div>
      <div className="flex flex-none flex-col items-end justify-between border-l border-line p-2">
        <Button
          kind="ghost"
          square
          aria-label="Show figures as a table"
          icon={<Table2 className="icon" aria-hidden="true" />}
          onClick={() => setTable(true)}
        />
      </div>
      <MetricsTable open={table} onClose={() => setTable(false)} data={data} scores={scores} />
    </section>
  );
}
