import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { countQuery, fieldsQuery, listShelf } from "@/api/find.ts";
import { usePlace } from "@/api/place.ts";
import { scoresQuery } from "@/api/queries.ts";
import type { RecordOrigin, TraceLine } from "@/api/types.ts";
import { useKnownTags } from "@/api/use-known-tags.ts";
import { usePeople } from "@/api/use-people.ts";
import { useProject } from "@/api/use-project.ts";
import { useSession } from "@/api/use-session.ts";
import { announce } from "@/lib/announce.ts";
import { useCommand } from "@/lib/commands/dispatch.ts";
import { allOf, between, condition } from "@/lib/filter/expression.ts";
import { focusHref, focusOfList } from "@/lib/focus-href.ts";
import { plural } from "@/lib/format.ts";
import { keepListSearch } from "@/lib/last-list.ts";
import type { ListSearch } from "@/lib/list-search.ts";
import { may } from "@/lib/role.ts";
import { isEmpty, NO_SELECTION } from "@/lib/selection.ts";
import { isBoolean, readSetting, writeSetting } from "@/lib/storage.ts";
import { useNow } from "@/lib/use-now.ts";
import { useTitle } from "@/lib/use-title.ts";
import { useMetrics } from "@/live/use-metrics.ts";
import { Button } from "@/ui/button.tsx";
import { NewBar } from "@/ui/new-bar.tsx";
import { SkeletonRows } from "@/ui/skeleton.tsx";
import { StaleStrip } from "@/ui/stale-strip.tsx";
import { ErrorState } from "@/ui/states.tsx";
import { useWidth } from "@/ui/use-width.ts";
import { ColumnPicker } from "./column-picker.tsx";
import { arranged, type CellFilter, columnsFor, fitting, isShown } from "./columns.tsx";
import { chipWords } from "./filter/chip-words.ts";
import { FilterBar } from "./filter/filter-bar.tsx";
import { useFilter } from "./filter/use-filter.ts";
import type { ListActions } from "./list-actions.ts";
import { ListHead } from "./list-head.tsx";
import { MetricsStrip } from "./metrics-strip.tsx";
import { NoMatch } from "./no-match.tsx";
import { BulkBar, rootsOf } from "./select/bulk-bar.tsx";
import { TraceGrid } from "./trace-grid.tsx";
import { matchOf } from "./trace-list.ts";
import { useLiveList } from "./use-live-list.ts";
import { useRecovery } from "./use-recovery.ts";
import { useRefresh } from "./use-refresh.ts";
import { useTraceList } from "./use-trace-list.ts";
import { useViews, type ViewsState } from "./views/use-views.ts";
import { ViewSwitcher } from "./views/view-switcher.tsx";
import { builtInViews, type Shown, type View } from "./views/views.ts";
import { VolumeStrip } from "./volume/volume-strip.tsx";

interface Props {
  search: ListSearch;
  onSearch: (search: ListSearch, replace?: boolean) => void;
  /** What is shown above the figures. */
  head?: ReactNode;
  /** What stands here while there is no trace. */
  whenEmpty: ReactNode;
  actions: ListActions;
  /** A place for one row beside the list. */
  beside?: Beside;
  /** Stands at the end of the head, also while there is no trace. */
  extra?: ReactNode;
}

/** A row beside the list, and how one comes there. */
export interface Beside {
  onPeek: (row: TraceLine, column: string | null) => void;
  source: (origin: RecordOrigin) => string;
  /** What is there now; `refresh` reads the list again. */
  render: (refresh: () => void) => ReactNode;
}

/** How often an empty list looks for its first trace. */
const FIRST_TRACE_MS = 2500;

/** The traces of a place: found by filter and view, with their figures above them. */
export function LogsPage(props: Props) {
  const { name } = useProject();
  const place = usePlace();
  const me = useSession().user.id;
  useTitle(place.title, name);
  const { object } = place;
  const builtIn = useMemo(() => builtInViews(me, object.object_type === "dataset"), [me, object.object_type]);
  const shelf = useMemo(() => listShelf(object), [object]);
  const views = useViews(shelf, builtIn, props.search, props.onSearch);
  if (!views.shown) return <SkeletonRows rows={16} label="Loading the view" />;
  return <Listing {...props} views={views} shown={views.shown} />;
}

function Listing({
  search,
  head,
  whenEmpty,
  actions,
  beside,
  extra,
  views,
  shown,
}: Props & { views: ViewsState; shown: Shown }) {
  const project = useProject();
  const place = usePlace();
  const navigate = useNavigate();
  const { org = "" } = useParams({ strict: false });
  const { object, noun } = place;
  const scores = useQuery(scoresQuery(project.id));
  const fields = useQuery(fieldsQuery(object)).data ?? [];
  const [list, state] = useTraceList(object, shown.filter, shown.sort);
  const metrics = useMetrics(object.object_type, object.object_id);
  const filter = useFilter(object, shown.filter, views.setFilter);
  const told = useLiveList(object, list);
  const person = usePeople();
  const session = useSession();
  const viewer = session.user.id;
  const now = useNow(60_000);
  const source = beside?.source;
  const context = useMemo(
    () => ({ now, person, viewer, narrow: false, ...(source ? { source } : {}) }),
    [now, person, viewer, source],
  );
  const [figures, setFigures] = useState(() => readSetting("logs-metrics", true, isBoolean));
  const [selection, setSelection] = useState(NO_SELECTION);
  const visible = useRef({ first: 0, last: 0 });

  useEffect(() => keepListSearch(place.list, search), [place.list, search]);
  useEffect(() => {
    setSelection(NO_SELECTION);
    if (list.state.phase === "first") void list.loadMore();
    // Coming back: what was on screen before may have changed meanwhile.
    else void list.refresh(visible.current.first, visible.current.last);
  }, [list]);
  const refresh = useCallback(() => list.refresh(visible.current.first, visible.current.last), [list]);
  // A followed view says itself which rows changed.
  useRefresh(told ? null : metrics.data, refresh);
  useRecovery(list);
  const { phase, more } = state;
  // A page knows no more than that there are others; counting them is a question of its own.
  const counted = useQuery({
    ...countQuery(object, shown.filter),
    enabled: more && shown.filter !== "",
  }).data;
  const total = more && counted ? counted.traces : state.total;
  const atLeast = more && counted?.rows_are !== "exact";
  useEffect(() => {
    if (phase === "ready" && list.query.filter !== "")
      announce(`${atLeast ? "At least " : ""}${plural(total, noun)} found`);
  }, [phase, total, atLeast, list, noun]);

  const seenKey = Object.keys(metrics.data?.scores ?? {}).join("\n");
  const all = useMemo(
    () =>
      columnsFor(scores.data ?? [], seenKey === "" ? [] : seenKey.split("\n"), {
        noun,
        seenFirst: object.object_type === "experiment",
      }),
    [scores.data, seenKey, noun, object.object_type],
  );
  const page = useRef<HTMLElement>(null);
  const width = useWidth(page);
  const { layout } = shown;
  const columns = useMemo(() => arranged(all, layout), [all, layout]);
  const fit = useMemo(() => {
    const wanted = columns.filter((column) => isShown(column, layout));
    return fitting(wanted, width, (column) => layout.columnVisibility?.[column.id] === true);
  }, [columns, layout, width]);

  const toggleFigures = () => {
    writeSetting("logs-metrics", !figures);
    setFigures(!figures);
  };
  const flip = () => views.setSort(shown.sort === "-created" ? "created" : "-created");
  const showNew = () => {
    list.place = { scroll: 0, active: null };
    setSelection(NO_SELECTION);
    void list.reload();
  };
  const narrow = ({ target }: CellFilter) => {
    const wanted = condition(target);
    if (filter.parts.some((part) => part.text === wanted)) return;
    void filter.add(wanted).catch(() => filter.set(allOf([shown.filter, wanted])));
  };
  const setRange = (from: Date, to: Date) => {
    const others = filter.parts.filter((part) => part.field !== "created").map((part) => part.text);
    filter.set(allOf([...others, ...between(from, to)]));
  };
  const focus = () => {
    const at = state.rows.find((row) => row.id === list.place.active);
    void navigate({
      href: focusHref(org, project.name, {
        ...focusOfList(object, shown.filter, shown.sort),
        ...(at ? { r: matchOf(at) ?? at.id, o: object.object_id } : {}),
      }),
    });
  };
  useCommand("logs.focus", focus, state.rows.length > 0);
  useCommand("logs.order", flip);
  useCommand("logs.metrics", toggleFigures);
  useCommand("logs.showNew", showNew, state.fresh > 0);
  const everything = { filter: rootsOf(shown.filter) };
  useCommand("logs.exportCsv", () => actions.export(everything, "csv"), state.rows.length > 0);
  useCommand("logs.exportJsonl", () => actions.export(everything, "jsonl"), state.rows.length > 0);

  const nothing = state.phase === "ready" && state.rows.length === 0;
  const empty = nothing && shown.filter === "";
  useEffect(() => {
    if (!empty) return;
    const timer = setInterval(() => void list.reload(), FIRST_TRACE_MS);
    return () => clearInterval(timer);
  }, [empty, list]);
  const tags = useKnownTags(state.rows);
  const mayEdit = (view: View) =>
    may(session.role, "configure") || (view.saved !== null && view.saved.user_id === viewer);

  return (
    <>
      <ListHead
        place={place}
        total={state.rows.length > 0 ? { count: total, atLeast } : null}
        sort={shown.sort}
        onFlip={flip}
        figures={figures}
        onFigures={toggleFigures}
        onFocus={state.rows.length > 0 ? focus : null}
        bare={empty && !shown.changed}
        views={<ViewSwitcher state={views} mayCreate={may(session.role, "review")} mayEdit={mayEdit} />}
        columns={<ColumnPicker columns={columns} shown={fit} layout={layout} onLayout={views.setLayout} />}
        files={
          <>
            {state.rows.length > 0 && actions.exportControl(everything, "bottom")}
            {extra}
          </>
        }
      />
      {!(empty && !shown.changed) && <FilterBar object={object} filter={filter} person={person} now={now} />}
      <div className="relative flex min-h-0 flex-1">
        <main ref={page} className="relative flex min-h-0 min-w-0 flex-1 flex-col bg-surface">
          {views.missing && (
            <p
              role="status"
              className="flex-none border-b border-line bg-warn-soft px-5 py-1 text-small text-warn"
            >
              The view of this address is gone, or only its maker sees it. This is the default view.
            </p>
          )}
          {head}
          {figures && !empty && (
            <>
              {shown.filter === "" && (
                <MetricsStrip
                  metrics={metrics}
                  scores={scores.data ?? []}
                  total={state.phase === "first" ? null : state.total + state.fresh}
                  noun={noun}
                />
              )}
              {noun === "trace" && (
                <VolumeStrip
                  object={object}
                  filter={shown.filter}
                  noun={shown.filter === "" ? noun : "span"}
                  now={now}
                  onRange={setRange}
                />
              )}
            </>
          )}
          {state.phase === "first" && <SkeletonRows rows={16} label="Loading traces" />}
          {state.phase === "failed" && state.rows.length === 0 && (
            <ErrorState
              what={`The ${noun}s could not be loaded`}
              error={state.error}
              retry={() => void list.reload()}
            />
          )}
          {empty && <div className="min-h-0 flex-1 overflow-y-auto">{whenEmpty}</div>}
          {nothing && !empty && !state.cut && (
            <div className="min-h-0 flex-1 overflow-y-auto">
              <NoMatch
                place={place}
                parts={filter.parts}
                nameOf={(part) => {
                  const words = chipWords(part, fields, { person, now });
                  return words ? `${words.field} ${words.operator} ${words.value}`.trim() : part.text;
                }}
                onRemove={filter.remove}
                onClear={() => filter.set("")}
              />
            </div>
          )}
          {(state.rows.length > 0 || state.fresh > 0) && (
            <>
              <StaleStrip stale={metrics.data !== null && metrics.stale} />
              <NewBar fresh={state.fresh} onShow={showNew} />
            </>
          )}
          {state.rows.length > 0 && (
            <TraceGrid
              // A list read anew is a new grid: it begins at its top.
              key={`${object.object_id} ${shown.filter} ${shown.sort} ${state.epoch}`}
              list={list}
              state={state}
              columns={fit}
              allColumns={columns}
              width={width}
              rowHeight={layout.rowHeight}
              context={context}
              place={place}
              selection={selection}
              onSelect={setSelection}
              onSort={views.setSort}
              onResize={(id, next) =>
                views.setLayout({ ...layout, columnSizing: { ...layout.columnSizing, [id]: next } })
              }
              onFilter={narrow}
              onPeek={beside?.onPeek}
              onVisible={(first, last) => {
                visible.current = { first, last };
              }}
            />
          )}
          {state.cut && (
            <Foot
              text="The search has looked at a great many rows and stopped. There may be more."
              role="status"
            >
              <Button onClick={() => void list.loadMore()}>Look further</Button>
            </Foot>
          )}
          {state.partial && state.rows.length > 0 && (
            <Foot
              text={`Of many ${noun}s the newest two thousand are put in this order. Narrow the filter to order all.`}
              role="status"
            />
          )}
          {state.phase === "failed" && state.rows.length > 0 && (
            <Foot text={`More ${noun}s could not be loaded.`} role="alert">
              <Button onClick={() => void list.loadMore()}>Try again</Button>
            </Foot>
          )}
          {!isEmpty(selection) && may(session.role, "review") && (
            <BulkBar
              place={place}
              filter={shown.filter}
              selection={selection}
              onSelect={setSelection}
              loaded={state.rows.length}
              tags={tags}
              actions={actions}
              onDone={() => void refresh()}
            />
          )}
        </main>
        {beside?.render(() => void refresh())}
      </div>
    </>
  );
}

function Foot({ text, role, children }: { text: string; role: "status" | "alert"; children?: ReactNode }) {
  return (
    <div
      role={role}
      className="flex flex-none items-center gap-3 border-t border-line bg-warn-soft px-5 py-1.5 text-warn"
    >
      <span className="flex-1">{text}</span>
      {children}
    </div>
  );
}
