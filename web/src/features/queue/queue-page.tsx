import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Expand, Kanban, Rows3 } from "lucide-react";
import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import type { BulkChange, FilterPart, ListLayout } from "@/api/find.ts";
import { problemText } from "@/api/problem.ts";
import {
  changeItems,
  type QueueItem,
  type QueueQuery,
  restoreStatuses,
  reviewCountsQuery,
  wholeQueue,
} from "@/api/queue.ts";
import type { ObjectType } from "@/api/types.ts";
import { usePeople } from "@/api/use-people.ts";
import { useProject } from "@/api/use-project.ts";
import { useSession } from "@/api/use-session.ts";
import { announce } from "@/lib/announce.ts";
import { useCommand } from "@/lib/commands/dispatch.ts";
import { compact, plural } from "@/lib/format.ts";
import { reviewWords } from "@/lib/review-words.ts";
import { may } from "@/lib/role.ts";
import { isEmpty, NO_SELECTION } from "@/lib/selection.ts";
import { useNow } from "@/lib/use-now.ts";
import { useTitle } from "@/lib/use-title.ts";
import { useHolds, useTopic } from "@/live/use-topic.ts";
import { Button } from "@/ui/button.tsx";
import { cx } from "@/ui/cx.ts";
import { NewBar } from "@/ui/new-bar.tsx";
import { Segmented } from "@/ui/segmented.tsx";
import { SkeletonRows } from "@/ui/skeleton.tsx";
import { StaleStrip } from "@/ui/stale-strip.tsx";
import { ErrorState } from "@/ui/states.tsx";
import { toast } from "@/ui/toasts.tsx";
import { TopBar } from "@/ui/top-bar.tsx";
import { useWidth } from "@/ui/use-width.ts";
import { NothingToDo } from "./nothing-to-do.tsx";
import { QueueBoard } from "./queue-board.tsx";
import { QueueBulk } from "./queue-bulk.tsx";
import { QueueList } from "./queue-list.tsx";
import type { QueueContext } from "./queue-parts.tsx";
import { boardFilter, COLUMNS, type Column, openReviews, stepStatus, TABS } from "./queue-views.ts";
import { keyOf } from "./steady.ts";
import { patchItems, useQueue, useQueueRefresh } from "./use-queue.ts";

interface Props {
  kind: ObjectType;
  onKind: (kind: ObjectType) => void;
  view: { id: string; name: string };
  filter: string;
  parts: readonly FilterPart[];
  layout: ListLayout;
  onLayout: (layout: ListLayout) => void;
  onClear: () => void;
  /** Addresses of an item in the focused review and in its trace. */
  focusHref: (item: QueueItem) => string;
  traceHref: (item: QueueItem) => string;
  /** The switcher of views, and the bar of conditions. */
  views: ReactNode;
  filterBar: ReactNode;
  /** What can be done to the selected rows. */
  actions: (props: { disabled: boolean; onChange: (change: BulkChange, done: string) => void }) => ReactNode;
}

/** What is to be reviewed across a project, as a list or a board, with who is on what. */
export function QueuePage(props: Props) {
  const { kind, view, filter, layout, focusHref, traceHref } = props;
  const project = useProject();
  const session = useSession();
  const me = session.user.id;
  useTitle("Review", project.name);
  const live = useTopic({ kind: "reviews", project_id: project.id });
  const asked = useQuery(reviewCountsQuery(project.id));
  const progress = live.data?.[kind] ?? null;
  const held = useHolds(project.id);
  useQueueRefresh(project.id, kind, progress);
  const person = usePeople();
  const now = useNow(30_000);
  const context = useMemo<QueueContext>(
    () => ({ me, now, person, holderOf: (item) => held.get(keyOf(item)) ?? null, focusHref, traceHref }),
    [me, now, person, held, focusHref, traceHref],
  );
  const board = layout.board === true;
  const toggle = () => props.onLayout({ ...layout, board: !board });
  useCommand("queue.layout", toggle);
  useCommand("queue.tab", (pressed) => {
    const tab = TABS[Number(pressed) - 1];
    if (tab) props.onKind(tab.kind);
  });
  const tab = TABS.find((one) => one.kind === kind) ?? TABS[0];
  const page = useRef<HTMLElement>(null);
  const width = useWidth(page);
  const { label = "Review", noun = "row" } = tab ?? {};
  const base = useMemo(() => boardFilter(props.parts), [props.parts]);
  const query = useMemo<QueueQuery>(
    () => ({ project_id: project.id, kind, filter: board ? base : filter }),
    [project.id, kind, board, base, filter],
  );
  const mayReview = may(session.role, "review");
  const shared = { query, context, noun, label, view, showsObject: kind !== "project_logs" };
  return (
    <>
      <TopBar>
        <h1 className="text-title font-semibold tracking-[-.01em]">Review</h1>
        {props.views}
        <span className="num min-w-0 truncate text-small text-ink-3 max-md:hidden">
          {progress ? reviewWords(progress) : ""}
        </span>
        <span className="flex-1" />
        <Segmented
          label="Layout"
          value={board ? "board" : "list"}
          onChange={(next) => next !== (board ? "board" : "list") && toggle()}
          options={[
            {
              value: "list",
              label: <LayoutWord icon={<Rows3 className="icon" aria-hidden="true" />} word="List" />,
            },
            {
              value: "board",
              label: <LayoutWord icon={<Kanban className="icon" aria-hidden="true" />} word="Board" />,
            },
          ]}
        />
      </TopBar>
      <Tabs
        kind={kind}
        onKind={props.onKind}
        countOf={(one) => {
          const counts = live.data?.[one] ?? asked.data?.[one];
          return counts ? openReviews(counts) : null;
        }}
      />
      {props.filterBar}
      <main ref={page} className="relative flex min-h-0 flex-1 flex-col bg-surface">
        <StaleStrip stale={live.data !== null && live.stale} />
        {board ? (
          <Board {...shared} progress={progress} mayReview={mayReview} />
        ) : (
          <List {...shared} {...props} narrow={width < 640} mayReview={mayReview} />
        )}
      </main>
    </>
  );
}

function LayoutWord({ icon, word }: { icon: ReactNode; word: string }) {
  return (
    <>
      {icon}
      <span className="max-sm:sr-only">{word}</span>
    </>
  );
}

interface TabsProps {
  kind: ObjectType;
  onKind: (kind: ObjectType) => void;
  /** Reviews still to be done. */
  countOf: (kind: ObjectType) => number | null;
}

function Tabs({ kind, onKind, countOf }: TabsProps) {
  return (
    <nav
      aria-label="Kinds of rows"
      className="flex h-10 flex-none items-stretch gap-4 overflow-x-auto border-b border-line bg-surface px-3 md:px-5"
    >
      {TABS.map((tab, index) => {
        const open = countOf(tab.kind);
        return (
          <button
            key={tab.kind}
            type="button"
            aria-current={tab.kind === kind ? "page" : undefined}
            aria-keyshortcuts={String(index + 1)}
            title={`${tab.label} (${index + 1})`}
            onClick={() => onKind(tab.kind)}
            className={cx(
              "flex flex-none items-center gap-1.5 border-b-2 border-transparent text-[12.5px] font-medium text-ink-2 hover:text-ink",
              "aria-[current=page]:border-accent aria-[current=page]:text-ink",
            )}
          >
            {tab.label}
            {open !== null && (
              <span className="num rounded-chip bg-sunken px-1.5 text-micro text-ink-2">
                {compact(open)}
                <span className="sr-only"> to be done</span>
              </span>
            )}
          </button>
        );
      })}
    </nav>
  );
}

interface Shared {
  query: QueueQuery;
  context: QueueContext;
  noun: string;
  label: string;
  view: { id: string; name: string };
  showsObject: boolean;
  mayReview: boolean;
}

/** Sets statuses at once on screen, then on the server; one press takes it back. */
function useStatus(query: QueueQuery) {
  const client = useQueryClient();
  return async (item: QueueItem, status: Column["status"]) => {
    const keys = new Set([keyOf(item)]);
    const word = COLUMNS.find((column) => column.status === status)?.label.toLowerCase() ?? status;
    const renew = () => client.invalidateQueries({ queryKey: ["queue", query.project_id, query.kind] });
    patchItems(client, query, keys, { status });
    try {
      await changeItems([item], { status });
      const back = async () => {
        patchItems(client, query, keys, { status: item.status });
        await restoreStatuses([item]);
        await renew();
      };
      toast({ title: `Set to ${word}`, seconds: 6, action: { label: "Undo", run: () => void back() } });
    } catch (error) {
      patchItems(client, query, keys, { status: item.status });
      toast({ title: "The status was not changed", body: problemText(error), tone: "fail" });
    }
  };
}

function Board({
  query,
  context,
  showsObject,
  mayReview,
  progress,
}: Shared & { progress: Parameters<typeof QueueBoard>[0]["progress"] }) {
  const setStatus = useStatus(query);
  return (
    <QueueBoard
      query={query}
      progress={progress}
      showsObject={showsObject}
      context={context}
      onMove={mayReview ? (item, to) => void setStatus(item, to) : null}
      onStep={(item, by) => {
        const next = stepStatus(item.status, by);
        if (next && mayReview) void setStatus(item, next);
      }}
    />
  );
}

function List(props: Shared & Pick<Props, "actions" | "onClear" | "filter"> & { narrow: boolean }) {
  const { query, context, noun, label, view, showsObject, narrow, mayReview } = props;
  const client = useQueryClient();
  const queue = useQueue(query);
  const setStatus = useStatus(query);
  const [selection, setSelection] = useState(NO_SELECTION);
  const [busy, setBusy] = useState(false);
  useEffect(() => setSelection(NO_SELECTION), [query]);
  const showNew = () => {
    setSelection(NO_SELECTION);
    queue.showNew();
  };
  const moved = queue.fresh > 0 || queue.left.size > 0;
  useCommand("logs.showNew", showNew, moved);
  const found = queue.items.length;
  const ready = !queue.isPending && queue.error === null;
  useEffect(() => {
    if (ready) announce(`${queue.more ? "At least " : ""}${plural(found, noun)} in ${view.name}`);
  }, [ready, found, queue.more, noun, view.name]);

  const change = async (what: BulkChange, done: string) => {
    setBusy(true);
    try {
      const loaded = queue.items.filter((item) => selection.ids.has(keyOf(item)));
      const items = selection.all ? await wholeQueue(query) : loaded;
      const changed = await changeItems(items, what);
      const back = async () => {
        await restoreStatuses(items);
        await client.invalidateQueries({ queryKey: ["queue", query.project_id, query.kind] });
      };
      toast({
        title: `${plural(changed, noun)} ${done}`,
        ...(what.status ? { action: { label: "Undo", run: () => void back() } } : {}),
      });
      setSelection(NO_SELECTION);
      await client.invalidateQueries({ queryKey: ["queue", query.project_id, query.kind] });
    } catch (error) {
      toast({ title: "Not everything was changed", body: problemText(error), tone: "fail" });
    } finally {
      setBusy(false);
    }
  };
  if (queue.isPending) return <SkeletonRows rows={14} height={40} label="Loading the queue" />;
  if (queue.error !== null && found === 0)
    return <ErrorState what="The queue could not be loaded" error={queue.error} retry={queue.retry} />;
  if (found === 0 && !queue.more && queue.fresh === 0)
    return <NothingToDo view={view} noun={noun} filter={props.filter} onClear={props.onClear} />;
  return (
    <>
      <NewBar fresh={queue.fresh} onShow={showNew} />
      {found > 0 && (
        <div className="flex h-9 flex-none items-center gap-2 border-b border-line px-3 md:hidden">
          <StartButton href={context.focusHref(queue.items[0] as QueueItem)} />
        </div>
      )}
      <QueueList
        key={JSON.stringify(query)}
        queue={queue}
        showsObject={showsObject}
        narrow={narrow}
        label={label}
        context={context}
        selection={selection}
        onSelect={setSelection}
        onStep={(item, by) => {
          const next = stepStatus(item.status, by);
          if (next && mayReview) void setStatus(item, next);
        }}
      />
      {queue.warning && (
        <p
          role="status"
          className="flex flex-none items-center gap-3 border-t border-line bg-warn-soft px-5 py-1.5 text-warn"
        >
          <span className="flex-1">
            The search has looked at a great many rows and stopped. There may be more.
          </span>
          <Button onClick={queue.loadMore}>Look further</Button>
        </p>
      )}
      {!isEmpty(selection) && mayReview && (
        <QueueBulk
          selection={selection}
          onSelect={setSelection}
          noun={noun}
          more={queue.more}
          loaded={found}
          busy={busy}
        >
          {props.actions({ disabled: busy, onChange: (what, done) => void change(what, done) })}
        </QueueBulk>
      )}
    </>
  );
}

function StartButton({ href }: { href: string }) {
  return (
    <a
      href={href}
      className="inline-flex h-7 items-center gap-1.5 text-small font-medium text-accent-ink no-underline coarse:h-10"
    >
      <Expand className="icon" aria-hidden="true" />
      Review one after another
    </a>
  );
}
