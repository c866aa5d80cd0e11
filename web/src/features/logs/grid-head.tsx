import { ArrowDown, ArrowUp } from "lucide-react";
import { type PointerEvent, useRef } from "react";
import { cx } from "@/ui/cx.ts";
import type { Column, Geometry } from "./columns.tsx";
import { CELL, LINE, rowStyle, SELECT } from "./trace-row.tsx";

export const HEAD = 28;
/** A column is never narrower than its shortest words. */
export const NARROWEST = 56;

interface Props {
  columns: readonly Column[];
  geometry: Geometry;
  /** `-duration`: by duration, largest first. */
  sort: string;
  onSort: (sort: string) => void;
  /** Width while it is dragged, and when it is let go. */
  onResize: (id: string, width: number, done: boolean) => void;
  selectable: boolean;
  selected: "none" | "some" | "all";
  onSelectAll: () => void;
}

/** Largest first, smallest first, then the default again. */
function nextSort(column: string, sort: string): string {
  if (sort === `-${column}`) return column;
  return sort === column && column !== "created" ? "-created" : `-${column}`;
}

/** Names of the columns: press one to sort by it, drag its edge to make it wider. */
export function GridHead(props: Props) {
  const { columns, geometry, sort, onSort, onResize, selectable, selected, onSelectAll } = props;
  return (
    <div
      role="row"
      aria-rowindex={1}
      className={cx(
        LINE,
        "sticky top-0 z-10 items-center border-b border-line bg-surface text-[11.5px] font-medium text-ink-3",
      )}
      style={rowStyle(geometry, HEAD, 0)}
    >
      {selectable && (
        <div role="columnheader" className={SELECT}>
          <input
            type="checkbox"
            tabIndex={-1}
            aria-label="Select all that are loaded"
            checked={selected === "all"}
            ref={(box) => {
              if (box) box.indeterminate = selected === "some";
            }}
            onChange={onSelectAll}
            className="size-3.5 accent-accent"
          />
        </div>
      )}
      {columns.map((column) => (
        <div
          key={column.id}
          role="columnheader"
          aria-sort={ariaSort(column, sort)}
          className={cx(CELL, "group/head relative flex h-full items-center", column.right && "justify-end")}
          title={column.label}
        >
          {column.sort ? (
            <button
              type="button"
              tabIndex={-1}
              onClick={() => onSort(nextSort(column.sort ?? "", sort))}
              className="flex min-w-0 items-center gap-1 rounded-cap hover:text-ink"
            >
              <span className="truncate">{column.label}</span>
              {sort === column.sort && <ArrowUp className="icon size-3!" aria-hidden="true" />}
              {sort === `-${column.sort}` && <ArrowDown className="icon size-3!" aria-hidden="true" />}
            </button>
          ) : (
            <span className="truncate">{column.label}</span>
          )}
          {column.id !== "input" && <Edge column={column} onResize={onResize} />}
        </div>
      ))}
    </div>
  );
}

function ariaSort(column: Column, sort: string): "ascending" | "descending" | undefined {
  if (column.sort === undefined) return undefined;
  if (sort === column.sort) return "ascending";
  return sort === `-${column.sort}` ? "descending" : undefined;
}

/** The right edge of a column. Widths can be set without dragging in the list of columns. */
function Edge({ column, onResize }: { column: Column; onResize: Props["onResize"] }) {
  const start = useRef<{ x: number; width: number } | null>(null);
  const widthAt = (event: PointerEvent) =>
    Math.max(NARROWEST, Math.round((start.current?.width ?? 0) + event.clientX - (start.current?.x ?? 0)));
  return (
    <span
      aria-hidden="true"
      onPointerDown={(event) => {
        event.preventDefault();
        event.currentTarget.setPointerCapture(event.pointerId);
        start.current = { x: event.clientX, width: column.width };
      }}
      onPointerMove={(event) => start.current && onResize(column.id, widthAt(event), false)}
      onPointerUp={(event) => {
        if (start.current) onResize(column.id, widthAt(event), true);
        start.current = null;
      }}
      className="absolute inset-y-1 right-1 w-2 cursor-col-resize touch-none after:absolute after:inset-y-0 after:right-1 after:w-px group-hover/head:after:bg-line-2 hover:after:bg-accent"
    />
  );
}
