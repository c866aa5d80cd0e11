import { type CSSProperties, type MouseEvent, memo } from "react";
import type { TraceLine } from "@/api/types.ts";
import { cx } from "@/ui/cx.ts";
import { Skeleton } from "@/ui/skeleton.tsx";
import type { CellContext, Column, Geometry } from "./columns.tsx";

/** What the head and every row share, so that their cells align. */
export const LINE = "grid [contain:strict]";
/** Cells of the head and of rows. */
export const CELL = "min-w-0 overflow-hidden whitespace-nowrap pr-4";

interface Props {
  row: TraceLine;
  index: number;
  /** Pixels from the top of the list. */
  start: number;
  height: number;
  active: boolean;
  columns: readonly Column[];
  geometry: Geometry;
  context: CellContext;
  /** Address of a trace without its id. */
  base: string;
  onOpen: (index: number) => void;
}

const isNewTab = (event: MouseEvent) => event.ctrlKey || event.metaKey || event.shiftKey;

/** One trace in the grid. The whole row opens it; its text is a true link, for new tabs. */
export const TraceRow = memo(function TraceRow(props: Props) {
  const { row, index, start, height, active, columns, geometry, context, base, onOpen } = props;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid has the focus and handles Enter
    <div
      id={`trace-${index}`}
      role="row"
      tabIndex={-1}
      aria-rowindex={index + 2}
      aria-selected={active}
      onClick={(event) => {
        if (!isNewTab(event) && !getSelection()?.toString()) onOpen(index);
      }}
      className={cx(
        LINE,
        "absolute top-0 left-0 border-b border-line text-[12.5px] outline-none hover:bg-hover",
        "aria-selected:bg-accent-soft aria-selected:shadow-[inset_2px_0_0_var(--accent)]",
      )}
      style={rowStyle(geometry, height, start)}
    >
      {columns.map((column) => (
        <div
          key={column.id}
          role="gridcell"
          className={cx(CELL, "flex items-center", column.right && "justify-end")}
        >
          {column.id === "input" ? (
            // A plain link: the router's own costs a subscription for each row that scrolls by.
            <a
              href={base + encodeURIComponent(row.root_span_id)}
              tabIndex={-1}
              onClick={(event) => {
                if (!isNewTab(event)) event.preventDefault();
              }}
              className="flex min-w-0 flex-1 text-ink no-underline"
            >
              {column.cell(row, context)}
            </a>
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
      <Skeleton className="w-14" />
      <Skeleton className="w-2/5" />
    </div>
  );
}
