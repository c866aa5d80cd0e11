import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import {
  type CSSProperties,
  type KeyboardEvent,
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import type { Place } from "@/api/place.ts";
import { traceQuery } from "@/api/queries.ts";
import { useCommand } from "@/lib/commands/dispatch.ts";
import { cx } from "@/ui/cx.ts";
import { type CellContext, type Column, geometry as measure } from "./columns.tsx";
import type { ListState, TraceList } from "./trace-list.ts";
import { CELL, ComingRow, LINE, padding, rowStyle, TraceRow } from "./trace-row.tsx";

const ROW = 32;
const NARROW_ROW = 52;
const HEAD = 28;
/** Rows before the end of what is loaded at which the next page is asked for. */
const AHEAD = 150;
/** A row that is active for this long is worth fetching ahead; passing over many is not. */
const REST_MS = 120;
/** Skeleton rows at the foot while more is to come. */
const COMING = 8;

interface Props {
  list: TraceList;
  state: ListState;
  /** Those that fit. */
  columns: readonly Column[];
  /** Pixels. */
  width: number;
  context: CellContext;
  /** Where rows lead. */
  place: Place;
  onVisible: (first: number, last: number) => void;
}

/** The virtual grid: fixed row height, one tab stop, the active row named by `aria-activedescendant`. */
export function TraceGrid({ list, state, columns, width, context: shared, place, onVisible }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const narrow = width < 640;
  const geometry = useMemo(() => measure(columns, width, padding(narrow), narrow), [columns, width, narrow]);
  const context = useMemo(() => ({ ...shared, narrow }), [shared, narrow]);
  const height = narrow ? NARROW_ROW : ROW;
  const navigate = useNavigate();
  const { rows } = state;
  const [active, setActive] = useState(() => rows.findIndex((row) => row.id === list.place.active));

  const virtual = useVirtualizer({
    count: rows.length + (state.complete ? 0 : COMING),
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: 12,
    scrollPaddingStart: HEAD,
    initialOffset: list.place.scroll,
    onChange: (instance) => {
      list.place.scroll = instance.scrollOffset ?? 0;
    },
  });
  const measured = useRef(height);
  useEffect(() => {
    if (measured.current === height) return;
    measured.current = height;
    virtual.measure();
  }, [virtual, height]);

  const items = virtual.getVirtualItems();
  const first = virtual.range?.startIndex ?? 0;
  const last = virtual.range?.endIndex ?? 0;
  useEffect(() => {
    onVisible(first, last);
    if (!state.complete && state.phase === "ready" && last > rows.length - AHEAD) void list.loadMore();
  }, [first, last, rows.length, state.complete, state.phase, list, onVisible]);

  const queries = useQueryClient();
  const prefetch = useCallback(
    (root: string) => void queries.prefetchQuery(traceQuery(place.object, root)),
    [queries, place.object],
  );
  // What the hand rests on is likely to be opened next: its spans are fetched before the press.
  const resting = rows[active]?.root_span_id;
  useEffect(() => {
    if (resting === undefined) return;
    const timer = setTimeout(() => prefetch(resting), REST_MS);
    return () => clearTimeout(timer);
  }, [resting, prefetch]);

  const move = (to: number) => {
    if (rows.length === 0) return;
    const next = Math.max(0, Math.min(rows.length - 1, to));
    setActive(next);
    list.place.active = rows[next]?.id ?? null;
    virtual.scrollToIndex(next, { align: "auto" });
  };
  const open = (index: number) => {
    const row = rows[index];
    if (!row) return;
    list.place.active = row.id;
    void navigate({ href: place.trace(row.root_span_id) });
  };
  // One function for all rows and all renders, so that rows stay memoized while scrolling.
  const latest = useRef(open);
  latest.current = open;
  const openRow = useCallback((index: number) => {
    setActive(index);
    latest.current(index);
  }, []);
  useCommand("logs.next", () => move(active + 1));
  useCommand("logs.previous", () => move(active < 0 ? 0 : active - 1));
  useCommand("logs.open", () => open(active), active >= 0);

  const page = Math.max(1, Math.floor(((scroller.current?.clientHeight ?? 600) - HEAD) / height) - 1);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const moves: Record<string, number> = {
      ArrowDown: active + 1,
      ArrowUp: active - 1,
      PageDown: active + page,
      PageUp: active - page,
      Home: 0,
      End: rows.length - 1,
    };
    const to = moves[event.key];
    if (to === undefined) return;
    event.preventDefault();
    move(to);
  };

  const base = `${place.list}/`;
  return (
    <div
      ref={scroller}
      role="grid"
      aria-label="Traces"
      aria-rowcount={state.total + 1}
      aria-colcount={columns.length}
      aria-activedescendant={active >= 0 ? `trace-${active}` : undefined}
      tabIndex={0}
      onKeyDown={onKeyDown}
      style={{ "--row-padding": `${padding(narrow)}px` } as CSSProperties}
      className="min-h-0 flex-1 overflow-auto bg-surface outline-offset-[-2px]"
    >
      <div
        role="row"
        aria-rowindex={1}
        className={cx(
          LINE,
          "sticky top-0 z-10 items-center border-b border-line bg-surface text-[11.5px] font-medium text-ink-3",
        )}
        style={rowStyle(geometry, HEAD, 0)}
      >
        {columns.map((column) => (
          <div
            key={column.id}
            role="columnheader"
            className={cx(CELL, "truncate", column.right && "text-right")}
            title={column.label}
          >
            {column.label}
          </div>
        ))}
      </div>
      <div
        role="rowgroup"
        className="relative"
        style={{ height: virtual.getTotalSize(), width: geometry.width }}
      >
        {items.map((item) => {
          const row = rows[item.index];
          if (!row)
            return <ComingRow key={item.key} start={item.start} height={height} geometry={geometry} />;
          return (
            <TraceRow
              key={row.id}
              row={row}
              index={item.index}
              start={item.start}
              height={height}
              active={item.index === active}
              columns={columns}
              geometry={geometry}
              context={context}
              base={base}
              onOpen={openRow}
            />
          );
        })}
      </div>
    </div>
  );
}
