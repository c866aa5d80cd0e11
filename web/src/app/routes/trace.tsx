/** One trace: its spans, what each did, and the review that people write together. */
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { Database, ListTree, MessageSquareMore } from "lucide-react";
import { type FocusEvent, useCallback, useId, useMemo, useRef, useState } from "react";
import { type TraceSearch, usePlace } from "@/api/place.ts";
import { ApiError } from "@/api/problem.ts";
import { spanQuery, traceQuery } from "@/api/queries.ts";
import type { SpanLine } from "@/api/types.ts";
import { useKnownTags } from "@/api/use-known-tags.ts";
import { useProject } from "@/api/use-project.ts";
import { useSession } from "@/api/use-session.ts";
import { lastList } from "@/features/logs/use-trace-list.ts";
import { useNotices } from "@/features/review/use-notices.ts";
import { Columns, type Pane } from "@/features/trace/columns.tsx";
import { Content, TABS, type TabId } from "@/features/trace/content.tsx";
import { plainAnswer } from "@/features/trace/messages.ts";
import { relativesOf } from "@/features/trace/relatives.ts";
import { buildTree, readingOrder } from "@/features/trace/span-tree.ts";
import { TraceTop } from "@/features/trace/trace-top.tsx";
import { TreePanel } from "@/features/trace/tree-panel.tsx";
import { useLayout } from "@/features/trace/use-layout.ts";
import { useReading } from "@/features/trace/use-reading.ts";
import { useCommand } from "@/lib/commands/dispatch.ts";
import { focusHref, focusOfList } from "@/lib/focus-href.ts";
import { listHref } from "@/lib/last-list.ts";
import { DEFAULT_SORT } from "@/lib/list-search.ts";
import { may } from "@/lib/role.ts";
import { useTitle } from "@/lib/use-title.ts";
import { people } from "@/sync/presence.ts";
import { usePeers, useReview, useShowing } from "@/sync/use-review.ts";
import { Button } from "@/ui/button.tsx";
import { SkeletonRows } from "@/ui/skeleton.tsx";
import { EmptyState, ErrorState } from "@/ui/states.tsx";
import { toast } from "@/ui/toasts.tsx";
import { useRowActions } from "../row-actions.tsx";
import { type Neighbour, pick, useAround, useFreshness, useNeighbours } from "./trace/follow.ts";
import { Missing } from "./trace/missing.tsx";
import { ActivityPart, ExpectedPart, FootPart, ReviewPart } from "./trace/review-parts.tsx";

export function TracePage() {
  const { trace = "", org = "" } = useParams({ strict: false });
  const search: TraceSearch = useSearch({ strict: false });
  const navigate = useNavigate();
  const { user, role } = useSession();
  const { name: projectName } = useProject();
  const place = usePlace();
  const { object } = place;
  const me = useMemo(() => ({ id: user.id, name: user.name }), [user.id, user.name]);
  const query = useQuery(traceQuery(object, trace));
  useNotices();

  const detail = query.data;
  const spans = detail?.spans ?? NO_SPANS;
  const roots = useMemo(() => buildTree(spans), [spans]);
  const order = useMemo(() => readingOrder(roots), [roots]);
  const selected = pick(order, search.s);
  const relatives = useMemo(() => relativesOf(roots, selected?.span_id), [roots, selected]);
  const knownTags = useKnownTags(spans);
  const root = order.find((span) => span.is_root) ?? order[0] ?? null;
  const stale = query.isPlaceholderData;
  useTitle(selected?.name ?? root?.name, "Trace", projectName);

  const event = useQuery({ ...spanQuery(object, selected?.id ?? ""), enabled: selected !== null && !stale });
  const rowOf = (span: SpanLine | null) => (span && !stale ? { ...object, row_id: span.id } : null);
  const review = useReview(rowOf(selected), me, may(role, "review"));
  const lobby = useReview(rowOf(root), me, may(role, "review"));
  const session = review.kind === "ready" ? review.session : null;
  const lobbySession = lobby.kind === "ready" && lobby.session !== session ? lobby.session : null;
  useShowing(session, selected?.id ?? null);
  useShowing(lobbySession, selected?.id ?? null);
  const rootPeers = usePeers(lobbySession ?? session);
  const spanPeers = usePeers(session);
  const here = useMemo(() => people([...rootPeers, ...spanPeers], me.id), [rootPeers, spanPeers, me.id]);
  const peopleOn = useMemo(() => {
    const map = new Map<string, { id: string; name: string }[]>();
    for (const peer of here) map.set(peer.span, [...(map.get(peer.span) ?? []), peer.user]);
    return map;
  }, [here]);

  const select = useCallback(
    (span: SpanLine) =>
      void navigate({ href: place.trace(trace, { s: span.span_id, t: search.t }), replace: true }),
    [navigate, place, trace, search.t],
  );
  const step = (by: 1 | -1) => {
    const next = selected && order[order.indexOf(selected) + by];
    if (next) select(next);
  };
  const around = useAround(object, trace, search.s, detail);
  const go = (target: Neighbour | null) =>
    target &&
    void navigate({ href: target.place?.href ?? place.trace(target.trace, { s: target.span, t: search.t }) });
  const tab = (TABS as readonly string[]).includes(search.t ?? "") ? (search.t as TabId) : "messages";
  const setTab = (next: TabId) =>
    void navigate({
      href: place.trace(trace, { s: search.s, t: next === "messages" ? undefined : next }),
      replace: true,
    });
  const copyLink = async () => {
    const link = new URL(location.href);
    if (selected) link.searchParams.set("s", selected.span_id);
    try {
      await navigator.clipboard.writeText(link.href);
      toast({ title: "Link copied", seconds: 2 });
    } catch {
      toast({ title: "Copying is not allowed here", body: link.href, seconds: 0 });
    }
  };

  const focus = () => {
    // What is open here comes first, then whatever the list that it was opened from has.
    const list = lastList(object)?.query;
    const search = focusOfList(object, list?.filter ?? "", list?.sort ?? DEFAULT_SORT);
    const at = selected ? { r: selected.id, o: object.object_id } : {};
    void navigate({ href: focusHref(org, projectName, { ...search, ...at }) });
  };
  const { actions, dialog } = useRowActions(place);
  const mayAdd = may(role, "review") && selected !== null && !stale;
  const addSpan = () =>
    selected &&
    actions.add({ row_ids: [selected.id] }, place.noun === "record" ? "this record" : "this span");

  const page = useRef<HTMLDivElement>(null);
  const layout = useLayout(page);
  const [pane, setPane] = useState<Pane>(search.review || search.c ? "review" : "content");
  const [reviewOpen, setReviewOpen] = useState(true);
  const [reading, setReading] = useReading();
  const [marks, setMarks] = useState(true);
  const content = useId();
  const togglePanel = () => {
    if (layout === "drawers" || layout === "steps") setPane(pane === "review" ? "content" : "review");
    else setReviewOpen(!reviewOpen);
  };

  useCommand("trace.next", () => go(around.next), around.next !== null && !stale);
  useCommand("trace.previous", () => go(around.previous), around.previous !== null && !stale);
  useCommand("span.next", () => step(1));
  useCommand("span.previous", () => step(-1));
  useCommand("trace.copyLink", copyLink);
  useCommand("trace.addToDataset", () => void addSpan(), mayAdd);
  useCommand("trace.diff", () => setMarks(!marks));
  useCommand("trace.back", () => void navigate({ href: around.back ?? listHref(place.list) }));
  useCommand("review.panel", togglePanel);
  useCommand("trace.focus", focus, selected !== null);

  useNeighbours(around, object);
  useFreshness(session, trace, object.object_id, selected?.id ?? null);

  const onFocusCapture = (focus: FocusEvent) => {
    const field = (focus.target as HTMLElement).closest<HTMLElement>("[data-field]");
    session?.move({ focus: field?.dataset.row === selected?.id ? (field?.dataset.field ?? null) : null });
  };

  if (query.isError && (!detail || stale)) {
    return <Missing error={query.error} retry={() => void query.refetch()} trace={trace} />;
  }

  const gone = event.error instanceof ApiError && event.error.status === 404;
  const instead = event.data ? null : event.isError ? (
    gone ? (
      <EmptyState title="This span is gone">
        It was deleted after this page was opened. Its review is kept.
      </EmptyState>
    ) : (
      <ErrorState
        what="This span could not be loaded"
        error={event.error}
        retry={() => void event.refetch()}
      />
    )
  ) : (
    <SkeletonRows rows={5} height={64} label="Loading the span" />
  );
  const parts = { review, row: selected?.id ?? "", event: event.data, role };
  return (
    <div
      ref={page}
      className="flex min-h-0 flex-1 flex-col"
      onFocusCapture={onFocusCapture}
      onBlurCapture={(blur) => {
        if (!blur.relatedTarget) session?.move({ focus: null });
      }}
    >
      <TraceTop
        project={projectName}
        place={place}
        title={root?.name ?? (place.noun === "record" ? "Record" : "Trace")}
        position={stale ? null : around.position}
        onPrevious={around.previous && !stale ? () => go(around.previous) : null}
        onNext={around.next && !stale ? () => go(around.next) : null}
        people={here.map((peer) => peer.user)}
        viewer={me.id}
        onCopyLink={() => void copyLink()}
        onFocus={focus}
      >
        {may(role, "review") && (
          <Button
            kind="ghost"
            square
            aria-label="Add to dataset"
            aria-keyshortcuts="a"
            title="Add to dataset (a)"
            disabled={!mayAdd}
            onClick={() => void addSpan()}
            icon={<Database className="icon" aria-hidden="true" />}
          />
        )}
        {layout === "drawers" && (
          <>
            {place.noun === "trace" && (
              <Button
                kind="ghost"
                square
                aria-label="Show spans"
                aria-pressed={pane === "tree"}
                onClick={() => setPane(pane === "tree" ? "content" : "tree")}
                icon={<ListTree className="icon" aria-hidden="true" />}
              />
            )}
            <Button
              kind="ghost"
              square
              aria-label="Show review"
              command="review.panel"
              aria-pressed={pane === "review"}
              onClick={togglePanel}
              icon={<MessageSquareMore className="icon" aria-hidden="true" />}
            />
          </>
        )}
      </TraceTop>
      <Columns
        layout={layout}
        pane={pane}
        onPane={setPane}
        reviewOpen={reviewOpen}
        roomy={reading !== "tree"}
        tree={
          place.noun === "record" ? null : detail ? (
            <TreePanel
              reading={reading}
              onReading={setReading}
              spans={spans}
              truncated={detail.truncated}
              selected={selected}
              viewer={me.id}
              peopleOn={peopleOn}
              onSelect={(span) => {
                select(span);
                if (layout === "steps" || layout === "drawers") setPane("content");
              }}
              onEnter={() => {
                setPane("content");
                requestAnimationFrame(() => document.getElementById(content)?.focus());
              }}
            />
          ) : (
            <SkeletonRows rows={12} height={30} label="Loading spans" />
          )
        }
        content={
          selected ? (
            <Content
              id={content}
              span={selected}
              relatives={relatives}
              onSelect={select}
              event={event.data}
              tab={tab}
              onTab={setTab}
              instead={instead}
              gone={gone && event.data !== undefined}
              expected={
                event.data && (
                  <ExpectedPart
                    {...parts}
                    answer={plainAnswer(event.data.output)}
                    marks={marks && place.noun === "trace"}
                  />
                )
              }
              activity={<ActivityPart {...parts} />}
            />
          ) : detail ? (
            <EmptyState title="This trace has no spans">They may still be on their way.</EmptyState>
          ) : (
            <SkeletonRows rows={8} label="Loading the trace" />
          )
        }
        foot={layout === "drawers" && <FootPart {...parts} onOpen={togglePanel} />}
        review={
          <ReviewPart
            {...parts}
            knownTags={knownTags}
            onAllActivity={() => {
              setTab("activity");
              setPane("content");
            }}
            onNext={around.next && !stale ? () => go(around.next) : null}
          />
        }
      />
      {dialog}
    </div>
  );
}

const NO_SPANS: SpanLine[] = [];
