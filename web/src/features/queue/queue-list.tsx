import { useNavigate } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { ListTree } from "lucide-react";
import {
  type KeyboardEvent,
  type MouseEvent,
  memo,
  type ReactNode,
  useEffect,
  useRef,
  useState,
} from "react";
import type { QueueItem } from "@/api/queue.ts";
import { useCommand } from "@/lib/commands/dispatch.ts";
import { keepQueue } from "@/lib/last-queue.ts";
import { extend, isSelected, type Selection, toggle } from "@/lib/selection.ts";
import { cx } from "@/ui/cx.ts";
import { KindIcon } from "@/ui/kind-icon.tsx";
import { Skeleton } from "@/ui/skeleton.tsx";
import {
  Age,
  Assignees,
  HolderMark,
  type QueueContext,
  ReasonText,
  Said,
  StatusChip,
  titleOf,
} from "./queue-parts.tsx";
import { keyOf } from "./steady.ts";
import type { Queue } from "./use-queue.ts";

const ROW = 40;
const NARROW_ROW = 76;
/** Rows before the end of what is loaded at which the next page is asked for. */
const AHEAD = 20;
/** Skeleton rows at the foot while more is to come. */
const COMING = 3;

interface Props {
  queue: Queue;
  /** Experiments and datasets are named on each row; logs are one. */
  showsObject: boolean;
  narrow: boolean;
  label: string;
  context: QueueContext;
  selection: Selection;
  onSelect: (selection: Selection) => void;
  /** Where the status goes, one step on or back. */
  onStep: (item: QueueItem, by: 1 | -1) => void;
}

const columnsOf = (showsObject: boolean) =>
  `40px minmax(160px,1fr) ${showsObject ? "minmax(90px,150px) " : ""}minmax(110px,170px) 104px 132px 72px 40px 84px`;

/** The queue as rows: one tab stop, the active row named by `aria-activedescendant`. */
export function QueueList({
  queue,
  showsObject,
  narrow,
  label,
  context,
  selection,
  onSelect,
  onStep,
}: Props) {
  const navigate = useNavigate();
  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(-1);
  const height = narrow ? NARROW_ROW : ROW;
  const { items } = queue;
  const rows = items.map((item) => ({ id: keyOf(item) }));
  const virtual = useVirtualizer({
    count: items.length + (queue.more ? COMING : 0),
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: 10,
  });
  useEffect(() => virtual.measure(), [virtual, height]);
  const last = virtual.range?.endIndex ?? 0;
  const wanting = queue.more && last > items.length - AHEAD;
  const { loadMore } = queue;
  useEffect(() => {
    if (wanting) loadMore();
  }, [wanting, loadMore]);

  const move = (to: number) => {
    if (items.length === 0) return -1;
    const next = Math.max(0, Math.min(items.length - 1, to));
    setActive(next);
    virtual.scrollToIndex(next, { align: "auto" });
    return next;
  };
  const current = items[active];
  const open = (item: QueueItem | undefined) => item && void navigate({ href: context.focusHref(item) });
  const select = (index: number, range: boolean) => {
    const row = rows[index];
    if (row) onSelect(range ? extend(selection, rows, index) : toggle(selection, row.id, index));
  };
  const reach = (step: 1 | -1) => {
    const from = Math.max(0, active);
    onSelect(extend(extend({ ...selection, anchor: from }, rows, from), rows, move(from + step)));
  };
  useCommand("logs.next", () => void move(active + 1));
  useCommand("logs.previous", () => void move(active < 0 ? 0 : active - 1));
  useCommand("logs.open", () => open(current), current !== undefined);
  useCommand("logs.focus", () => open(current ?? items[0]), items.length > 0);
  const openTrace = (item: QueueItem | undefined) => {
    if (!item) return;
    keepQueue({
      href: location.pathname + location.search,
      items: items.map((one) => ({
        object: { object_type: one.object_type, object_id: one.object_id },
        root: one.root_span_id,
        span: one.span_id,
        href: context.traceHref(one),
      })),
    });
    void navigate({ href: context.traceHref(item) });
  };
  useCommand("queue.trace", () => openTrace(current), current !== undefined);
  useCommand("logs.select", () => select(active, false), current !== undefined);
  useCommand("logs.extendDown", () => reach(1));
  useCommand("logs.extendUp", () => reach(-1));
  useCommand("queue.forward", () => current && onStep(current, 1), current !== undefined);
  useCommand("queue.back", () => current && onStep(current, -1), current !== undefined);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const moves: Record<string, number> = {
      ArrowDown: active + 1,
      ArrowUp: active - 1,
      PageDown: active + 12,
      PageUp: active - 12,
      Home: 0,
      End: items.length - 1,
    };
    const to = moves[event.key];
    if (to === undefined) return;
    event.preventDefault();
    move(to);
  };
  const template = columnsOf(showsObject);
  return (
    <div
      ref={scroller}
      role="grid"
      aria-label={label}
      aria-rowcount={queue.more ? -1 : items.length + 1}
      aria-multiselectable="true"
      aria-activedescendant={current ? `queue-${active}` : undefined}
      tabIndex={0}
      onKeyDown={onKeyDown}
      className="min-h-0 flex-1 overflow-auto bg-surface outline-offset-[-2px]"
    >
      {!narrow && (
        <div
          role="row"
          tabIndex={-1}
          className="sticky top-0 z-10 grid h-7 items-center border-b border-line bg-surface pr-3 text-[11.5px] font-medium text-ink-3"
          style={{ gridTemplateColumns: template }}
        >
          {[
            "Select",
            "Item",
            ...(showsObject ? ["From"] : []),
            "Reason",
            "Status",
            "On it now",
            "Assigned",
            "Said",
            "Since",
          ].map((name) => (
            <span
              key={name}
              role="columnheader"
              tabIndex={-1}
              className={cx("truncate", name === "Since" ? "text-right" : "pr-3")}
            >
              {name === "Said" || name === "Select" ? <span className="sr-only">{name}</span> : name}
            </span>
          ))}
        </div>
      )}
      <div role="rowgroup" className="relative" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((at) => {
          const item = items[at.index];
          const style = { height, transform: `translateY(${at.start}px)` };
          if (!item)
            return (
              <div
                key={at.key}
                aria-hidden="true"
                className="absolute inset-x-0 flex items-center px-5"
                style={style}
              >
                <Skeleton className="w-2/3" />
              </div>
            );
          const id = keyOf(item);
          return (
            <QueueRow
              key={id}
              item={item}
              index={at.index}
              style={narrow ? style : { ...style, gridTemplateColumns: template }}
              narrow={narrow}
              showsObject={showsObject}
              active={at.index === active}
              selected={isSelected(selection, id)}
              left={queue.left.has(id)}
              context={context}
              onPress={() => {
                setActive(at.index);
                open(item);
              }}
              onTrace={() => openTrace(item)}
              onSelect={(range) => select(at.index, range)}
            />
          );
        })}
      </div>
    </div>
  );
}

interface RowProps {
  item: QueueItem;
  index: number;
  style: object;
  narrow: boolean;
  showsObject: boolean;
  active: boolean;
  selected: boolean;
  /** It was listed and matches no longer. */
  left: boolean;
  context: QueueContext;
  onPress: () => void;
  onTrace: () => void;
  onSelect: (range: boolean) => void;
}

interface CellProps {
  className: string;
  onClick?: (event: MouseEvent) => void;
  children: ReactNode;
}

function Cell({ className, onClick, children }: CellProps) {
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid has the focus and x selects
    <div role="gridcell" tabIndex={-1} onClick={onClick} className={cx("outline-none", className)}>
      {children}
    </div>
  );
}

const QueueRow = memo(function QueueRow(props: RowProps) {
  const {
    item,
    index,
    style,
    narrow,
    showsObject,
    active,
    selected,
    left,
    context,
    onPress,
    onTrace,
    onSelect,
  } = props;
  const title = (
    <a
      href={context.focusHref(item)}
      tabIndex={-1}
      className="flex min-w-0 items-center gap-2 text-ink no-underline"
      onClick={(event) => event.preventDefault()}
    >
      <KindIcon kind={item.kind} small />
      <span className={cx("flex-none truncate font-medium", item.name && "max-w-[45%]")}>
        {titleOf(item)}
      </span>
      {item.name && <span className="min-w-0 flex-1 truncate text-ink-3">{item.preview}</span>}
    </a>
  );
  const cell = "min-w-0 overflow-hidden whitespace-nowrap pr-3";
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid has the focus and handles Enter
    <div
      id={`queue-${index}`}
      role="row"
      tabIndex={-1}
      aria-rowindex={index + 2}
      aria-selected={selected}
      aria-current={active || undefined}
      onClick={(event) => {
        if (!event.ctrlKey && !event.metaKey && !event.shiftKey && !getSelection()?.toString()) onPress();
      }}
      className={cx(
        "absolute inset-x-0 top-0 cursor-default border-b border-line text-[12.5px] outline-none hover:bg-hover",
        "aria-selected:bg-accent-soft aria-[current]:bg-accent-soft aria-[current]:shadow-[inset_2px_0_0_var(--accent)]",
        left && "opacity-60",
        narrow ? "flex flex-col justify-center gap-1.5 px-4" : "grid items-center pr-3",
      )}
      style={style}
    >
      {narrow ? (
        <>
          <Cell className="flex min-w-0">{title}</Cell>
          <Cell className="flex min-w-0 items-center gap-2 overflow-hidden text-small text-ink-2">
            <StatusChip status={item.status} />
            <span className="min-w-0 flex-1 truncate">
              {left ? "Matches no longer" : <ReasonText item={item} context={context} />}
            </span>
            <HolderMark item={item} context={context} />
            <Age item={item} context={context} />
          </Cell>
        </>
      ) : (
        <>
          <Cell
            className="flex h-full items-center justify-center"
            onClick={(event) => {
              event.stopPropagation();
              onSelect(event.shiftKey);
            }}
          >
            <input
              type="checkbox"
              tabIndex={-1}
              aria-label={`Select ${titleOf(item)}`}
              checked={selected}
              readOnly
              className="size-3.5 accent-[var(--accent)]"
            />
          </Cell>
          <Cell className={cx(cell, "group/item flex items-center gap-1")}>
            <span className="min-w-0 flex-1">{title}</span>
            <a
              href={context.traceHref(item)}
              tabIndex={-1}
              aria-label={`Open the trace of ${titleOf(item)}`}
              title="Open the whole trace (Shift + Enter)"
              onClick={(event) => {
                event.stopPropagation();
                if (event.ctrlKey || event.metaKey) return;
                event.preventDefault();
                onTrace();
              }}
              className={cx(
                "grid size-6 flex-none place-items-center rounded-chip text-ink-3 hover:bg-sunken hover:text-ink",
                !active && "opacity-0 group-hover/item:opacity-100",
              )}
            >
              <ListTree className="icon" aria-hidden="true" />
            </a>
          </Cell>
          {showsObject && <Cell className={cx(cell, "truncate text-ink-2")}>{item.object_name}</Cell>}
          <Cell className={cx(cell, "truncate text-ink-2")}>
            {left ? (
              <span className="text-ink-3">Matches no longer</span>
            ) : (
              <ReasonText item={item} context={context} />
            )}
          </Cell>
          <Cell className={cell}>
            <StatusChip status={item.status} />
          </Cell>
          <Cell className={cx(cell, "flex")}>
            <HolderMark item={item} context={context} />
          </Cell>
          <Cell className={cell}>
            <Assignees item={item} context={context} />
          </Cell>
          <Cell className={cell}>
            <Said item={item} />
          </Cell>
          <Cell className="text-right">
            <Age item={item} context={context} />
          </Cell>
        </>
      )}
    </div>
  );
});
