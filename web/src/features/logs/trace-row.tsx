import { type CSSProperties, type MouseEvent, memo } from "react";
import type { Place } from "@/api/place.ts";
import type { TraceLine } from "@/api/types.ts";
import { plural } from "@/lib/format.ts";
import { Chip } from "@/ui/chip.tsx";
import { cx } from "@/ui/cx.ts";
import { Skeleton } from "@/ui/skeleton.tsx";
import type { CellContext, Column, Geometry } from "./columns.tsx";
import { matchOf } from "./trace-list.ts";

/** What the head and every row share, so that their cells align. */
export const LINE = "grid [contain:strict]";
/** Cells of the head and of rows. */
export const CELL = "min-w-0 overflow-hidden whitespace-nowrap pr-4";
/** The cell before the columns, where a row is selected. */
export const SELECT = "flex h-full items-center";

/** What a row can be asked to do; one object for all rows, so that they stay memoized. */
export interface RowActions {
  /** A press opens it; which cell was pressed tells what of it is wanted. */
  open: (index: number, column: string | null) => void;
  /** Selects it, or with `range` everything from the last one touched. */
  select: (index: number, range: boolean) => void;
  /** Narrows the list by what one of its cells shows. */
  filter: (index: number, column: string, anchor: Element) => void;
}

interface Props {
  row: TraceLine;
  index: number;
  /** Pixels from the top of the list. */
  start: number;
  height: number;
  active: boolean;
  selected: boolean;
  /** It was listed and matches no longer. */
  left: boolean;
  columns: readonly Column[];
  geometry: Geometry;
  context: CellContext;
  /** Address of a trace, and of a span in it. */
  address: Place["trace"];
  actions: RowActions;
}

const isNewTab = (event: MouseEvent) => event.ctrlKey || event.metaKey || event.shiftKey;

/** How many spans match, where more than the root alone does. */
function Matches({ row }: { row: TraceLine }) {
  const matched = row.matched?.length ?? 0;
  if (matched === 0 || row.spans <= 1 || (matched === 1 && row.matched?.[0] === row.id)) return null;
  const many = matched >= 10 ? "10+ spans" : plural(matched, "span");
  return (
    <span className="mr-1.5 flex-none" title={`${many} of ${row.spans} match`}>
      <Chip tone="accent">{many}</Chip>
    </span>
  );
}

/** One trace in the grid. The whole row opens it; its text is a true link, for new tabs. */
export const TraceRow = memo(function TraceRow(props: Props) {
  const { row, index, start, height, active, selected, left, columns, geometry, context, address, actions } =
    props;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid has the focus and handles Enter
    <div
      id={`trace-${index}`}
      role="row"
      tabIndex={-1}
      data-index={index}
      aria-rowindex={index + 2}
      aria-selected={selected}
      aria-current={active || undefined}
      onClick={(event) => {
        const cell = (event.target as HTMLElement).closest<HTMLElement>("[data-column]");
        if (event.altKey) {
          if (cell?.dataset.column) actions.filter(index, cell.dataset.column, cell);
        } else if (!isNewTab(event) && !getSelection()?.toString())
          actions.open(index, cell?.dataset.column ?? null);
      }}
      className={cx(
        LINE,
        "absolute top-0 left-0 border-b border-line text-[12.5px] outline-none hover:bg-hover",
        "aria-selected:bg-accent-soft aria-[current]:bg-accent-soft aria-[current]:shadow-[inset_2px_0_0_var(--accent)]",
      )}
      style={rowStyle(geometry, height, start)}
    >
      {!context.narrow && (
        // biome-ignore lint/a11y/useKeyWithClickEvents: x selects by key
        <div
          role="gridcell"
          className={SELECT}
          onClick={(event) => {
            event.stopPropagation();
            event.preventDefault();
            actions.select(index, event.shiftKey);
          }}
        >
          <input
            type="checkbox"
            tabIndex={-1}
            readOnly
            aria-label="Select"
            checked={selected}
            className="size-3.5 accent-accent"
          />
        </div>
      )}
      {columns.map((column) => (
        <div
          key={column.id}
          role="gridcell"
          data-column={column.id}
          className={cx(CELL, "flex items-center", column.right && "justify-end")}
        >
          {column.id === "input" ? (
            <>
              {left && (
                <span className="mr-1.5 flex-none">
                  <Chip tone="warn">Matches no longer</Chip>
                </span>
              )}
              <Matches row={row} />
              {/* A plain link: the router's own costs a subscription for each row that scrolls by. */}
              <a
                href={address(row.root_span_id, { s: matchOf(row) })}
                tabIndex={-1}
                onClick={(event) => {
                  if (!isNewTab(event)) event.preventDefault();
                }}
                className={cx("flex min-w-0 flex-1 no-underline", left ? "text-ink-3" : "text-ink")}
              >
                {column.cell(row, context)}
              </a>
            </>
          ) : (
            column.cell(row, context)
          )}
        </div>
      ))}
    </div>
  );
});

/** Padding at each side of a row. */
export const padding = (narrow: boolean): number => (narrow ? 12 : 20);

/** Where a row stands and how it is divided, in pixels. */
export function rowStyle({ template, width }: Geometry, height: number, start: number): CSSProperties {
  return {
    height,
    width,
    transform: `translateY(${start}px)`,
    gridTemplateColumns: template,
    gridTemplateRows: "100%",
    paddingInline: "var(--row-padding)",
  };
}

interface ComingProps {
  start: number;
  height: number;
  geometry: Geometry;
}

/** A row that is still to come. */
export function ComingRow({ start, height, geometry }: ComingProps) {
  return (
    <div
      aria-hidden="true"
      className={cx(LINE, "absolute top-0 left-0 items-center border-b border-line")}
      style={rowStyle(geometry, height, start)}
    >
      <span />
      <Skeleton className="w-14" />
      <Skeleton className="w-2/5" />
    </div>
  );
}
