import { useNavigate } from "@tanstack/react-router";
import { type DragEvent, memo, useRef, useState } from "react";
import type { QueueItem, QueueQuery } from "@/api/queue.ts";
import { useCommand } from "@/lib/commands/dispatch.ts";
import { count } from "@/lib/format.ts";
import type { ReviewProgress } from "@/live/topics.ts";
import { Button } from "@/ui/button.tsx";
import { cx } from "@/ui/cx.ts";
import { KindIcon } from "@/ui/kind-icon.tsx";
import { SkeletonRows } from "@/ui/skeleton.tsx";
import { ErrorState } from "@/ui/states.tsx";
import { Age, Assignees, HolderMark, type QueueContext, ReasonText, Said, titleOf } from "./queue-parts.tsx";
import { COLUMNS, type Column, columnFilter } from "./queue-views.ts";
import { keyOf } from "./steady.ts";
import { type Queue, useQueue } from "./use-queue.ts";

interface Props {
  /** With the filter that all columns have in common. */
  query: QueueQuery;
  /** Exact numbers, where that filter is empty. */
  progress: ReviewProgress | null;
  showsObject: boolean;
  context: QueueContext;
  /** Null: not allowed. */
  onMove: ((item: QueueItem, to: Column["status"]) => void) | null;
  onStep: (item: QueueItem, by: 1 | -1) => void;
}

/** Cards in three columns by where their review stands; moving a card sets its status. */
export function QueueBoard({ query, progress, showsObject, context, onMove, onStep }: Props) {
  const navigate = useNavigate();
  const lists = {
    awaiting: useQueue({ ...query, filter: columnFilter(query.filter, "awaiting") }),
    in_progress: useQueue({ ...query, filter: columnFilter(query.filter, "in_progress") }),
    complete: useQueue({ ...query, filter: columnFilter(query.filter, "complete") }),
  };
  // A card stands where its status says, also before its column was asked for again.
  const all = COLUMNS.flatMap(({ status }) => lists[status].items.map((item) => ({ item, from: status })));
  const cardsOf = (status: Column["status"]) => {
    const moved = all.filter((card) => card.item.status === status && card.from !== status);
    const own = all.filter((card) => card.item.status === status && card.from === status);
    const there = new Set(own.map((card) => keyOf(card.item)));
    return [...moved.filter((card) => !there.has(keyOf(card.item))), ...own].map((card) => card.item);
  };
  const columns = COLUMNS.map((column) => ({
    ...column,
    queue: lists[column.status],
    cards: cardsOf(column.status),
  }));
  const [active, setActive] = useState<string | null>(null);
  const frame = useRef<HTMLDivElement>(null);
  const at = columns.findIndex((column) => column.cards.some((card) => keyOf(card) === active));
  const row = at < 0 ? -1 : (columns[at]?.cards.findIndex((card) => keyOf(card) === active) ?? -1);
  const current = columns[at]?.cards[row];

  const focus = (item: QueueItem | undefined) => {
    if (!item) return;
    setActive(keyOf(item));
    frame.current?.querySelector<HTMLElement>(`[data-card="${CSS.escape(keyOf(item))}"]`)?.focus();
  };
  const first = () => columns.find((column) => column.cards.length > 0)?.cards[0];
  const along = (by: 1 | -1) => focus(current ? columns[at]?.cards[row + by] : first());
  const across = (by: 1 | -1) => {
    if (!current) return focus(first());
    for (let to = at + by; to >= 0 && to < columns.length; to += by) {
      const cards = columns[to]?.cards ?? [];
      if (cards.length > 0) return focus(cards[Math.min(row, cards.length - 1)]);
    }
  };
  useCommand("logs.next", () => along(1));
  useCommand("logs.previous", () => along(-1));
  useCommand(
    "logs.open",
    () => current && void navigate({ href: context.focusHref(current) }),
    current !== undefined,
  );
  useCommand("logs.focus", () => {
    const item = current ?? first();
    if (item) void navigate({ href: context.focusHref(item) });
  });
  useCommand(
    "queue.trace",
    () => current && void navigate({ href: context.traceHref(current) }),
    current !== undefined,
  );
  useCommand("queue.forward", () => current && onStep(current, 1), current !== undefined);
  useCommand("queue.back", () => current && onStep(current, -1), current !== undefined);

  const drop = (key: string, to: Column["status"]) => {
    const card = all.find((one) => keyOf(one.item) === key);
    if (card && card.item.status !== to) onMove?.(card.item, to);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: arrows move between the cards inside, which are links
    <div
      ref={frame}
      className="relative flex min-h-0 flex-1 snap-x gap-3 overflow-x-auto bg-bg p-3 md:px-5"
      onKeyDown={(event) => {
        if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
        const move = { ArrowDown: along, ArrowUp: along, ArrowLeft: across, ArrowRight: across }[event.key];
        if (!move) return;
        event.preventDefault();
        move(event.key === "ArrowDown" || event.key === "ArrowRight" ? 1 : -1);
      }}
    >
      {columns.map((column) => (
        <BoardColumn
          key={column.status}
          column={column}
          queue={column.queue}
          cards={column.cards}
          total={progress && query.filter === "" ? progress[column.status] : null}
          active={active}
          entry={active === null && column.cards[0] === first()}
          showsObject={showsObject}
          context={context}
          onActive={setActive}
          onDrop={onMove && ((key) => drop(key, column.status))}
        />
      ))}
    </div>
  );
}

interface ColumnProps {
  column: Column;
  queue: Queue;
  cards: readonly QueueItem[];
  total: number | null;
  active: string | null;
  /** Its first card is where the tab key enters the board. */
  entry: boolean;
  showsObject: boolean;
  context: QueueContext;
  onActive: (key: string) => void;
  onDrop: ((key: string) => void) | null;
}

const CARD = "application/x-concord-card";

function BoardColumn(props: ColumnProps) {
  const { column, queue, cards, total, active, entry, showsObject, context, onActive, onDrop } = props;
  const [over, setOver] = useState(false);
  const accepts = (event: DragEvent) => onDrop !== null && event.dataTransfer.types.includes(CARD);
  return (
    <section
      aria-label={column.label}
      onDragOver={(event) => {
        if (!accepts(event)) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        setOver(false);
        const key = event.dataTransfer.getData(CARD);
        if (key === "" || !onDrop) return;
        event.preventDefault();
        onDrop(key);
      }}
      className={cx(
        "flex min-h-0 min-w-[min(280px,85vw)] flex-1 snap-start flex-col rounded-card border border-line bg-sunken",
        over && "border-accent-line bg-accent-soft",
      )}
    >
      <h2 className="flex h-9 flex-none items-center gap-2 px-3 font-medium">
        {column.label}
        <span className="num text-small font-normal text-ink-3">
          {total === null ? `${count(cards.length)}${queue.more ? "+" : ""}` : count(total)}
        </span>
      </h2>
      {queue.isPending && <SkeletonRows rows={4} height={84} label={`Loading ${column.label}`} />}
      {queue.error !== null && cards.length === 0 && (
        <ErrorState what="This column could not be loaded" error={queue.error} retry={queue.retry} />
      )}
      {!queue.isPending && queue.error === null && cards.length === 0 && (
        <p className="px-3 pt-1 pb-4 text-small text-ink-3">
          {onDrop ? "Nothing here. Drop a card to move it." : "Nothing here."}
        </p>
      )}
      <ul className="flex min-h-0 flex-col gap-2 overflow-y-auto px-2 pb-2">
        {cards.map((item, index) => (
          <Card
            key={keyOf(item)}
            item={item}
            tabbable={keyOf(item) === active || (entry && index === 0)}
            draggable={onDrop !== null}
            showsObject={showsObject}
            context={context}
            onActive={onActive}
          />
        ))}
        {queue.more && (
          <li className="flex justify-center py-1">
            <Button kind="ghost" onClick={queue.loadMore} busy={queue.loading}>
              Show more
            </Button>
          </li>
        )}
      </ul>
    </section>
  );
}

interface CardProps {
  item: QueueItem;
  tabbable: boolean;
  draggable: boolean;
  showsObject: boolean;
  context: QueueContext;
  onActive: (key: string) => void;
}

const Card = memo(function Card({ item, tabbable, draggable, showsObject, context, onActive }: CardProps) {
  const navigate = useNavigate();
  const key = keyOf(item);
  return (
    <li>
      <a
        href={context.focusHref(item)}
        data-card={key}
        draggable={draggable}
        tabIndex={tabbable ? 0 : -1}
        onFocus={() => onActive(key)}
        onDragStart={(event) => {
          event.dataTransfer.setData(CARD, key);
          event.dataTransfer.effectAllowed = "move";
        }}
        onClick={(event) => {
          if (event.ctrlKey || event.metaKey || event.shiftKey) return;
          event.preventDefault();
          void navigate({ href: context.focusHref(item) });
        }}
        className="block rounded-btn border border-line bg-surface px-2.5 py-2 text-[12.5px] text-ink no-underline shadow-1 hover:border-line-2 focus-visible:outline-2 focus-visible:outline-accent"
      >
        <span className="flex min-w-0 items-center gap-1.5">
          <KindIcon kind={item.kind} small />
          <span className="min-w-0 flex-1 truncate font-medium">{titleOf(item)}</span>
          <Age item={item} context={context} />
        </span>
        {item.name && item.preview !== "" && (
          <span className="mt-1 line-clamp-2 text-small leading-[17px] text-ink-2">{item.preview}</span>
        )}
        {showsObject && <span className="mt-1 block truncate text-small text-ink-3">{item.object_name}</span>}
        <span className="mt-1.5 flex min-h-[22px] items-center gap-2 text-small text-ink-3">
          <span className="min-w-0 flex-1 truncate">
            <ReasonText item={item} context={context} />
          </span>
          <Said item={item} />
          <HolderMark item={item} context={context} />
          <Assignees item={item} context={context} />
        </span>
      </a>
    </li>
  );
});
