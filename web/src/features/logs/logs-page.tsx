import { useQuery } from "@tanstack/react-query";
import { ArrowDownWideNarrow, ArrowUpNarrowWide, ChartNoAxesColumn } from "lucide-react";
import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { usePlace } from "@/api/place.ts";
import { scoresQuery } from "@/api/queries.ts";
import { usePeople } from "@/api/use-people.ts";
import { useProject } from "@/api/use-project.ts";
import { useSession } from "@/api/use-session.ts";
import { useCommand } from "@/lib/commands/dispatch.ts";
import { count, plural } from "@/lib/format.ts";
import { isBoolean, readSetting, writeSetting } from "@/lib/storage.ts";
import { useNow } from "@/lib/use-now.ts";
import { useTitle } from "@/lib/use-title.ts";
import { useMetrics } from "@/live/use-metrics.ts";
import { Button } from "@/ui/button.tsx";
import { SkeletonRows } from "@/ui/skeleton.tsx";
import { ErrorState } from "@/ui/states.tsx";
import { TopBar } from "@/ui/top-bar.tsx";
import { ColumnPicker } from "./column-picker.tsx";
import { columnsFor, fitting } from "./columns.tsx";
import { MetricsStrip } from "./metrics-strip.tsx";
import { NewBar } from "./new-bar.tsx";
import { StaleStrip } from "./stale-strip.tsx";
import { TraceGrid } from "./trace-grid.tsx";
import type { Order } from "./trace-list.ts";
import { useColumnChoice } from "./use-column-choice.ts";
import { useRecovery } from "./use-recovery.ts";
import { useRefresh } from "./use-refresh.ts";
import { useTraceList } from "./use-trace-list.ts";
import { useWidth } from "./use-width.ts";

interface Props {
  order: Order;
  onOrder: (order: Order) => void;
  /** What is shown above the figures. */
  head?: ReactNode;
  /** What stands here while there is no trace. */
  whenEmpty: ReactNode;
}

/** How often an empty list looks for its first trace. */
const FIRST_TRACE_MS = 2500;

/** The traces of a place, with its figures above them. */
export function LogsPage({ order, onOrder, head, whenEmpty }: Props) {
  const project = useProject();
  const place = usePlace();
  useTitle(place.title, project.name);
  const scores = useQuery(scoresQuery(project.id));
  const [list, state] = useTraceList(place.object, order);
  const metrics = useMetrics(place.object.object_type, place.object.object_id);
  const person = usePeople();
  const viewer = useSession().user.id;
  const now = useNow(60_000);
  const context = useMemo(() => ({ now, person, viewer, narrow: false }), [now, person, viewer]);
  const choice = useColumnChoice();
  const [strip, setStrip] = useState(() => readSetting("logs-metrics", true, isBoolean));
  const visible = useRef({ first: 0, last: 0 });

  useEffect(() => {
    if (list.state.phase === "first") void list.loadMore();
    // Coming back: what was on screen before may have changed meanwhile.
    else void list.refresh(visible.current.first, visible.current.last);
  }, [list]);
  const refresh = useCallback(() => list.refresh(visible.current.first, visible.current.last), [list]);
  useRefresh(metrics.data, refresh);
  useRecovery(list);

  const seenKey = Object.keys(metrics.data?.scores ?? {}).join("\n");
  const columns = useMemo(
    () => columnsFor(scores.data ?? [], seenKey === "" ? [] : seenKey.split("\n"), place.noun),
    [scores.data, seenKey, place.noun],
  );
  const page = useRef<HTMLElement>(null);
  const width = useWidth(page);
  const { isShown, isPinned } = choice;
  const shown = useMemo(
    () => fitting(columns.filter(isShown), width, isPinned),
    [columns, isShown, isPinned, width],
  );

  const toggleStrip = () => {
    writeSetting("logs-metrics", !strip);
    setStrip(!strip);
  };
  const flipOrder = () => onOrder(order === "newest" ? "oldest" : "newest");
  const showNew = () => {
    list.place = { scroll: 0, active: null };
    void list.reload();
  };
  useCommand("logs.order", flipOrder);
  useCommand("logs.metrics", toggleStrip);
  useCommand("logs.showNew", showNew, state.fresh > 0);

  const empty = state.phase === "ready" && state.rows.length === 0;
  useEffect(() => {
    if (!empty) return;
    const timer = setInterval(() => void list.reload(), FIRST_TRACE_MS);
    return () => clearInterval(timer);
  }, [empty, list]);
  const OrderIcon = order === "newest" ? ArrowDownWideNarrow : ArrowUpNarrowWide;
  return (
    <>
      <TopBar>
        <h1 className="text-title font-semibold tracking-[-.01em]">{place.title}</h1>
        {state.rows.length > 0 && (
          <span className="num text-small text-ink-3" title={plural(state.total, place.noun)}>
            {count(state.total)}
            <span className="max-sm:sr-only">{state.total === 1 ? ` ${place.noun}` : ` ${place.noun}s`}</span>
          </span>
        )}
        <span className="flex-1" />
        {!empty && (
          <>
            <Button
              kind="ghost"
              onClick={flipOrder}
              command="logs.order"
              icon={<OrderIcon className="icon" aria-hidden="true" />}
              title="Switch between newest and oldest first"
            >
              <span className="max-sm:sr-only">{order === "newest" ? "Newest first" : "Oldest first"}</span>
            </Button>
            <Button
              kind="ghost"
              onClick={toggleStrip}
              command="logs.metrics"
              aria-pressed={strip}
              icon={<ChartNoAxesColumn className="icon" aria-hidden="true" />}
            >
              <span className="max-sm:sr-only">Figures</span>
            </Button>
            <ColumnPicker columns={columns} shown={shown} choice={choice} />
          </>
        )}
      </TopBar>
      <main ref={page} className="relative flex min-h-0 flex-1 flex-col bg-surface">
        {head}
        {strip && !empty && (
          <MetricsStrip
            metrics={metrics}
            scores={scores.data ?? []}
            total={state.phase === "first" ? null : state.total + state.fresh}
            noun={place.noun}
          />
        )}
        {state.phase === "first" && <SkeletonRows rows={16} label="Loading traces" />}
        {state.phase === "failed" && state.rows.length === 0 && (
          <ErrorState
            what="The traces could not be loaded"
            error={state.error}
            retry={() => void list.reload()}
          />
        )}
        {empty && <div className="min-h-0 flex-1 overflow-y-auto">{whenEmpty}</div>}
        {state.rows.length > 0 && (
          <>
            <StaleStrip stale={metrics.data !== null && metrics.stale} />
            <NewBar fresh={state.fresh} onShow={showNew} />
            <TraceGrid
              // A list read anew is a new grid: it begins at its top.
              key={`${place.object.object_id} ${order} ${state.epoch}`}
              list={list}
              state={state}
              columns={shown}
              width={width}
              context={context}
              place={place}
              onVisible={(first, last) => {
                visible.current = { first, last };
              }}
            />
            {state.phase === "failed" && (
              <div
                role="alert"
                className="flex items-center gap-3 border-t border-line bg-warn-soft px-5 py-1.5 text-warn"
              >
                <span className="flex-1">More traces could not be loaded.</span>
                <Button onClick={() => void list.loadMore()}>Try again</Button>
              </div>
            )}
          </>
        )}
      </main>
    </>
  );
}
