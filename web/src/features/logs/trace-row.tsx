import { Link } from "@tanstack/react-router";
import { memo } from "react";
import type { TraceLine } from "@/api/types.ts";
import { cx } from "@/ui/cx.ts";
import { Skeleton } from "@/ui/skeleton.tsx";
import type { CellContext, Column } from "./columns.tsx";

/** What the head and every row share, so that their cells align. */
export const LINE = "grid items-center px-3 md:px-5 [&>*]:min-w-0 [&>*]:pr-4";

interface Props {
  row: TraceLine;
  index: number;
  /** Pixels from the top of the list. */
  start: number;
  height: number;
  active: boolean;
  columns: readonly Column[];
  template: string;
  context: CellContext;
  params: { org: string; project: string };
  onOpen: (index: number) => void;
}

/** One trace in the grid. The whole row opens it; its text is a true link, for new tabs. */
export const TraceRow = memo(function TraceRow(props: Props) {
  const { row, index, start, height, active, columns, template, context, params, onOpen } = props;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid has the focus and handles Enter
    <div
      id={`trace-${index}`}
      role="row"
      tabIndex={-1}
      aria-rowindex={index + 2}
      aria-selected={active}
      onClick={(event) => {
        const newTab = event.ctrlKey || event.metaKey || event.shiftKey;
        if (event.defaultPrevented || newTab || getSelection()?.toString()) return;
        onOpen(index);
      }}
      className={cx(
        LINE,
        "absolute top-0 left-0 w-full min-w-min border-b border-line text-[12.5px] outline-none hover:bg-hover",
        "aria-selected:bg-accent-soft aria-selected:shadow-[inset_2px_0_0_var(--accent)]",
      )}
      style={{ height, transform: `translateY(${start}px)`, gridTemplateColumns: template }}
    >
      {columns.map((column) => (
        <div
          key={column.id}
          role="gridcell"
          className={cx("flex items-center overflow-hidden whitespace-nowrap", column.right && "justify-end")}
        >
          {column.id === "input" ? (
            <Link
              to="/app/$org/p/$project/logs/$trace"
              params={{ ...params, trace: row.root_span_id }}
              tabIndex={-1}
              preload={false}
              className="flex min-w-0 flex-1 text-ink no-underline"
            >
              {column.cell(row, context)}
            </Link>
          ) : (
            column.cell(row, context)
          )}
        </div>
      ))}
    </div>
  );
});

/** A row that is still to come. */
export function ComingRow({ start, height, columns }: { start: number; height: number; columns: string }) {
  return (
    <div
      aria-hidden="true"
      className={cx(LINE, "absolute top-0 left-0 w-full min-w-min border-b border-line")}
      style={{ height, transform: `translateY(${start}px)`, gridTemplateColumns: columns }}
    >
      <Skeleton className="w-14" />
      <Skeleton className="w-2/5" />
    </div>
  );
}
