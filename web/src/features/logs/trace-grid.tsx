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
import type { ListLayout } from "@/api/find.ts";
import type { Place } from "@/api/place.ts";
import { traceQuery } from "@/api/queries.ts";
import type { TraceLine } from "@/api/types.ts";
import { useCommand } from "@/lib/commands/dispatch.ts";
import { extend, isSelected, type Selection, toggle } from "@/lib/selection.ts";
import { type CellContext, type CellFilter, type Column, geometry as measure } from "./columns.tsx";
import { GridHead, HEAD } from "./grid-head.tsx";
import { HoverFilter } from "./hover-filter.tsx";
import { type ListState, matchOf, type TraceList } from "./trace-list.ts";
import { ComingRow, padding, type RowActions, TraceRow } from "./trace-row.tsx";
import { ValueMenu } from "./value-menu.tsx";

const ROW = { compact: 28, default: 32, relaxed: 40 } as const;
const NARROW_ROW = 52;
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
  /** Those that do not as well: a row has their values too. */
  allColumns: readonly Column[];
  /** Pixels. */
  width: number;
  rowHeight: ListLayout["rowHeight"];
  context: CellContext;
  /** Where rows lead. */
  place: Place;
  selection: Selection;
  onSelect: (selection: Selection) => void;
  onSort: (sort: string) => void;
  onResize: (id: string, width: number) => void;
  onFilter: (filter: CellFilter) => void;
  onVisible: (first: number, last: number) => void;
  /** Shows a row beside the list, where there is such a place. */
  onPeek?: ((row: TraceLine, column: string | null) => void) | undefined;
}

/** The virtual grid: fixed row height, one tab stop, the active row named by `aria-activedescendant`. */
export function TraceGrid(props: Props) {
  const {
    list,
    state,
    width,
    rowHeight,
    context: shared,
    place,
    selection,
    onSelect,
    onSort,
    onVisible,
  } = props;
  const { onFilter } = props;
  const frame = useRef<HTMLDivElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const narrow = width < 640;
  const [dragged, setDragged] = useState<{ id: string; width: number } | null>(null);
  const columns = useMemo(
    () => props.columns.map((one) => (one.id === dragged?.id ? { ...one, width: dragged.width } : one)),
    [props.columns, dragged],
  );
  const geometry = useMemo(() => measure(columns, width, padding(narrow), narrow), [columns, width, narrow]);
  const context = useMemo(() => ({ ...shared, narrow }), [shared, narrow]);
  const height = narrow ? NARROW_ROW : ROW[rowHeight ?? "default"];
  const navigate = useNavigate();
  const { rows } = state;
  const [active, setActive] = useState(() => rows.findIndex((row) => row.id === list.place.active));
  const [menu, setMenu] = useState<{ anchor: Element; filters: readonly CellFilter[] } | null>(null);

  const virtual = useVirtualizer({
    count: rows.length + (state.complete || state.cut ? 0 : COMING),
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
  const wanting = !state.complete && !state.cut && state.phase === "ready" && last > rows.length - AHEAD;
  useEffect(() => {
    onVisible(first, last);
    if (wanting) void list.loadMore();
  }, [first, last, wanting, list, onVisible]);

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
    if (rows.length === 0) return -1;
    const next = Math.max(0, Math.min(rows.length - 1, to));
    setActive(next);
    list.place.active = rows[next]?.id ?? null;
    virtual.scrollToIndex(next, { align: "auto" });
    return next;
  };
  const filtersAt = (index: number, column: string) => {
    const row = rows[index];
    return (row && columns.find((one) => one.id === column)?.filters?.(row, context)) ?? [];
  };
  const offer = (filters: readonly CellFilter[], anchor: Element) => {
    const [only] = filters;
    if (filters.length === 1 && only) onFilter(only);
    else if (filters.length > 1) setMenu({ anchor, filters });
  };
  const openWhole = (index: number) => {
    const row = rows[index];
    if (!row) return;
    setActive(index);
    list.place.active = row.id;
    void navigate({ href: place.trace(row.root_span_id, { s: matchOf(row) }) });
  };
  const own: RowActions = {
    open: (index, column) => {
      const row = rows[index];
      if (!row || !props.onPeek) return openWhole(index);
      setActive(index);
      list.place.active = row.id;
      props.onPeek(row, column);
    },
    select: (index, range) => {
      const row = rows[index];
      if (row) onSelect(range ? extend(selection, rows, index) : toggle(selection, row.id, index));
    },
    filter: (index, column, anchor) => offer(filtersAt(index, column), anchor),
  };
  // One object for all rows and all renders, so that rows stay memoized while scrolling.
  const latest = useRef(own);
  latest.current = own;
  const actions = useMemo<RowActions>(
    () => ({
      open: (index, column) => latest.current.open(index, column),
      select: (index, range) => latest.current.select(index, range),
      filter: (index, column, anchor) => latest.current.filter(index, column, anchor),
    }),
    [],
  );
  const reach = (step: 1 | -1) => {
    const from = Math.max(0, active);
    const begun =
      selection.anchor < 0 || active < 0 ? extend({ ...selection, anchor: from }, rows, from) : selection;
    onSelect(extend({ ...begun, anchor: from }, rows, move(from + step)));
  };
  useCommand("logs.next", () => void move(active + 1));
  useCommand("logs.previous", () => void move(active < 0 ? 0 : active - 1));
  useCommand("logs.open", () => openWhole(active), active >= 0);
  useCommand("logs.peek", () => own.open(active, null), active >= 0 && props.onPeek !== undefined);
  useCommand("logs.select", () => own.select(active, false), active >= 0);
  useCommand("logs.extendDown", () => reach(1));
  useCommand("logs.extendUp", () => reach(-1));
  useCommand(
    "logs.filterByValue",
    () => {
      const anchor = document.getElementById(`trace-${active}`);
      const row = rows[active];
      if (anchor && row) {
        offer(
          props.allColumns.flatMap((column) => column.filters?.(row, context) ?? []),
          anchor,
        );
      }
    },
    active >= 0,
  );

  const page = Math.max(1, Math.floor(((scroller.current?.clientHeight ?? 600) - HEAD) / height) - 1);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
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

  const chosen = rows.length > 0 && rows.every((row) => isSelected(selection, row.id)) ? "all" : "some";
  const nothing = !selection.all && selection.ids.size === 0;
  return (
    <div ref={frame} className="relative flex min-h-0 flex-1 flex-col">
      <div
        ref={scroller}
        role="grid"
        aria-label={place.noun === "record" ? "Records" : "Traces"}
        aria-rowcount={state.more ? -1 : state.total + 1}
        aria-colcount={columns.length + (narrow ? 0 : 1)}
        aria-multiselectable="true"
        aria-activedescendant={active >= 0 ? `trace-${active}` : undefined}
        tabIndex={0}
        onKeyDown={onKeyDown}
        style={{ "--row-padding": `${padding(narrow)}px` } as CSSProperties}
        className="min-h-0 flex-1 overflow-auto bg-surface outline-offset-[-2px]"
      >
        <GridHead
          columns={columns}
          geometry={geometry}
          sort={list.query.sort}
          onSort={onSort}
          onResize={(id, next, done) => {
            setDragged(done ? null : { id, width: next });
            if (done) props.onResize(id, next);
          }}
          selectable={!narrow}
          selected={nothing ? "none" : chosen}
          onSelectAll={() =>
            onSelect({
              ids: new Set(chosen === "all" ? [] : rows.map((row) => row.id)),
              all: false,
              anchor: -1,
            })
          }
        />
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
                selected={isSelected(selection, row.id)}
                left={state.left.has(row.id)}
                columns={columns}
                geometry={geometry}
                context={context}
                address={place.trace}
                actions={actions}
              />
            );
          })}
        </div>
      </div>
      <HoverFilter frame={frame} filtersAt={filtersAt} onPress={offer} />
      <ValueMenu
        anchor={menu?.anchor ?? null}
        filters={menu?.filters ?? []}
        onFilter={(filter) => {
          setMenu(null);
          onFilter(filter);
        }}
        onClose={() => {
          setMenu(null);
          scroller.current?.focus();
        }}
      />
    </div>
  );
}
