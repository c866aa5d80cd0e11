import { useVirtualizer } from "@tanstack/react-virtual";
import { ChevronDown } from "lucide-react";
import { type KeyboardEvent, memo, useCallback, useEffect, useMemo, useRef } from "react";
import { usePlace } from "@/api/place.ts";
import type { SpanLine } from "@/api/types.ts";
import { duration, percent } from "@/lib/format.ts";
import { Avatar } from "@/ui/avatar.tsx";
import { Chip } from "@/ui/chip.tsx";
import { cx } from "@/ui/cx.ts";
import { KindIcon, kindColour, kindLabel } from "./kind.tsx";
import { badges, type TreeRow } from "./span-tree.ts";
import type { Fold } from "./timeline.ts";

const ROW = 30;
const BADGES = 23;
/** Fewer rows than this are all in the page, so that find-in-page and screen readers see every one. */
const VIRTUAL_FROM = 200;

interface Person {
  id: string;
  name: string;
}

interface Props {
  rows: readonly TreeRow[];
  /** Span id. */
  selected: string | null;
  viewer: string;
  /** People who look at a row, by row id. */
  peopleOn: ReadonlyMap<string, Person[]>;
  onSelect: (span: SpanLine) => void;
  onToggle: (span: SpanLine, open: boolean) => void;
  /** Leaves the tree towards the content. */
  onEnter: () => void;
  /** The bars are what is read: they take most of each row, with these folds in them. */
  folds?: readonly Fold[] | undefined;
}

/** The spans of a trace: one tab stop, arrows inside, only visible rows in the page when there are many. */
export function TreeView(props: Props) {
  const { rows, selected, viewer, peopleOn, onSelect, onToggle, onEnter, folds } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const wantsFocus = useRef(false);
  const virtual = rows.length > VIRTUAL_FROM;
  const heights = useMemo(
    () => rows.map((row) => ROW + (badges(row.span, percent).length > 0 ? BADGES : 0)),
    [rows],
  );
  const virtualizer = useVirtualizer({
    count: virtual ? rows.length : 0,
    getScrollElement: () => scroller.current,
    // New functions would make it measure every row again.
    estimateSize: useCallback((index: number) => heights[index] ?? ROW, [heights]),
    getItemKey: useCallback((index: number) => rows[index]?.span.span_id ?? index, [rows]),
    overscan: 12,
  });
  const current = rows.findIndex((row) => row.span.span_id === selected);
  const tabStop = Math.max(0, current);

  useEffect(() => {
    if (current < 0) return;
    if (virtual) virtualizer.scrollToIndex(current, { align: "auto" });
    const element = () => scroller.current?.querySelector<HTMLElement>(`[data-row="${current}"]`);
    element()?.scrollIntoView({ block: "nearest" });
    if (!wantsFocus.current) return;
    wantsFocus.current = false;
    if (element()) element()?.focus();
    else requestAnimationFrame(() => element()?.focus());
  }, [current, virtual, virtualizer]);

  const select = (index: number) => {
    const row = rows[Math.max(0, Math.min(rows.length - 1, index))];
    if (!row) return;
    wantsFocus.current = true;
    onSelect(row.span);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const row = rows[tabStop];
    if (!row) return;
    switch (event.key) {
      case "ArrowDown":
        select(tabStop + 1);
        break;
      case "ArrowUp":
        select(tabStop - 1);
        break;
      case "Home":
        select(0);
        break;
      case "End":
        select(rows.length - 1);
        break;
      case "ArrowRight":
        if (row.children > 0 && !row.open) onToggle(row.span, true);
        else if (row.children > 0) select(tabStop + 1);
        break;
      case "ArrowLeft":
        if (row.open) onToggle(row.span, false);
        else if (row.parent) select(rows.findIndex((other) => other.span.span_id === row.parent));
        break;
      case "Enter":
        onEnter();
        break;
      default:
        return;
    }
    event.preventDefault();
    event.stopPropagation();
  };

  const row = (index: number, style?: React.CSSProperties) => {
    const item = rows[index];
    if (!item) return null;
    return (
      <Row
        key={item.span.span_id}
        row={item}
        index={index}
        selected={index === current}
        tabStop={index === tabStop}
        viewer={viewer}
        people={peopleOn.get(item.span.id)}
        onSelect={onSelect}
        onToggle={onToggle}
        folds={folds}
        {...(style ? { style } : {})}
      />
    );
  };

  return (
    <div ref={scroller} className="min-h-0 flex-1 overflow-y-auto">
      <div
        role="tree"
        aria-label="Span tree"
        onKeyDown={onKeyDown}
        className="relative"
        style={virtual ? { height: virtualizer.getTotalSize() } : undefined}
      >
        {virtual
          ? virtualizer.getVirtualItems().map((item) =>
              row(item.index, {
                position: "absolute",
                top: 0,
                left: 0,
                right: 0,
                transform: `translateY(${item.start}px)`,
              }),
            )
          : rows.map((_, index) => row(index))}
      </div>
    </div>
  );
}

interface RowProps {
  row: TreeRow;
  index: number;
  selected: boolean;
  tabStop: boolean;
  viewer: string;
  people: Person[] | undefined;
  onSelect: (span: SpanLine) => void;
  onToggle: (span: SpanLine, open: boolean) => void;
  folds: readonly Fold[] | undefined;
  style?: React.CSSProperties;
}

/** Indents stop growing here, so that deep chains keep room for their names. */
const DEEPEST = 12;

const Row = memo(function Row({
  row,
  index,
  selected,
  tabStop,
  viewer,
  people,
  onSelect,
  onToggle,
  folds,
  style,
}: RowProps) {
  const { span } = row;
  const depth = Math.min(row.depth, DEEPEST);
  const marks = badges(span, percent);
  const name = span.name ?? (usePlace().noun === "record" ? "Record" : "Unnamed span");
  return (
    <div
      role="treeitem"
      data-row={index}
      aria-level={row.depth + 1}
      aria-posinset={row.position}
      aria-setsize={row.siblings}
      aria-selected={selected}
      aria-expanded={row.children > 0 ? row.open : undefined}
      tabIndex={tabStop ? 0 : -1}
      onClick={() => onSelect(span)}
      onKeyDown={undefined}
      className={cx(
        "relative -outline-offset-2 select-none",
        selected
          ? "bg-accent-soft before:absolute before:inset-y-0 before:left-0 before:w-0.5 before:bg-accent"
          : "hover:bg-hover",
      )}
      style={style}
    >
      {Array.from({ length: depth }, (_, level) => (
        <i
          key={level}
          aria-hidden="true"
          className="absolute inset-y-0 w-px bg-line"
          style={{ left: 14 + level * 16 }}
        />
      ))}
      <div
        className={cx(
          "grid h-[30px] items-center gap-2 pr-3 coarse:h-10",
          folds ? "grid-cols-[minmax(110px,36%)_1fr_56px]" : "grid-cols-[1fr_54px_46px]",
        )}
        style={{ paddingLeft: folds ? 8 : 8 + depth * 16 }}
      >
        <span
          className="flex min-w-0 items-center gap-1.5"
          style={folds ? { paddingLeft: depth * 10 } : undefined}
        >
          {row.children > 0 ? (
            // The arrow keys do the same; a button here would be a second tab stop in every row.
            // biome-ignore lint/a11y/useKeyWithClickEvents: the tree handles the keys
            // biome-ignore lint/a11y/noStaticElementInteractions: part of the tree item
            <span
              className="-m-1.5 grid size-6 flex-none place-items-center text-ink-3"
              onClick={(event) => {
                event.stopPropagation();
                onToggle(span, !row.open);
              }}
            >
              <ChevronDown className={cx("icon size-3!", !row.open && "-rotate-90")} aria-hidden="true" />
            </span>
          ) : (
            <span className="w-3 flex-none" />
          )}
          <KindIcon kind={span.kind} />
          <span className={cx("truncate", selected && "font-medium", span.error && "text-fail")}>{name}</span>
          <span className="sr-only">, {kindLabel(span.kind)}</span>
          {people?.slice(0, 3).map((person) => (
            <Avatar key={person.id} id={person.id} name={person.name} viewer={viewer} small />
          ))}
        </span>
        <span
          className={cx(
            "relative rounded-[2px]",
            folds ? "h-2.5" : "h-1",
            selected && !folds ? "bg-accent-line" : "bg-sunken",
          )}
          aria-hidden="true"
        >
          {folds?.map((fold) => (
            <i
              key={fold.left}
              className="absolute -inset-y-2.5 border-x border-dashed border-line-2 bg-surface"
              style={{ left: `${fold.left}%`, width: `${fold.width}%` }}
            />
          ))}
          {row.bar && (
            <b
              className="absolute inset-y-0 rounded-[2px] opacity-75"
              style={{
                left: `${row.bar.left}%`,
                width: `${row.bar.width}%`,
                background: kindColour(span.kind),
              }}
            />
          )}
        </span>
        <span className="num truncate text-right text-[11.5px] text-ink-3">{duration(span.duration)}</span>
      </div>
      {marks.length > 0 && (
        <div
          className="flex gap-1 overflow-hidden pr-3 pb-[5px] [&>span]:h-[18px]! [&>span]:text-[11px]!"
          style={{ paddingLeft: 50 + depth * 16 }}
        >
          {marks.map((mark) => (
            <Chip key={mark.text} tone={mark.tone}>
              {mark.text}
            </Chip>
          ))}
        </div>
      )}
    </div>
  );
});
