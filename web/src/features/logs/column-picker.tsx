import { ArrowDown, ArrowUp, Columns3, Minus, Plus } from "lucide-react";
import { useState } from "react";
import type { ListLayout } from "@/api/find.ts";
import { useCommand } from "@/lib/commands/dispatch.ts";
import { Button } from "@/ui/button.tsx";
import { Popover } from "@/ui/popover.tsx";
import { Segmented } from "@/ui/segmented.tsx";
import { type Column, isShown } from "./columns.tsx";
import { NARROWEST } from "./grid-head.tsx";

interface Props {
  /** In their order. */
  columns: readonly Column[];
  /** Those that found room. */
  shown: readonly Column[];
  layout: ListLayout;
  onLayout: (layout: ListLayout) => void;
}

/** One press on plus or minus, in pixels. */
const STEP = 16;

const HEIGHTS = [
  { value: "compact", label: "Compact" },
  { value: "default", label: "Default" },
  { value: "relaxed", label: "Relaxed" },
] as const;

/** Which columns the grid shows, in which order and how wide, and how high its rows are. Kept in the view. */
export function ColumnPicker({ columns, shown, layout, onLayout }: Props) {
  const [open, setOpen] = useState(false);
  useCommand("logs.columns", () => setOpen(true));
  const show = (id: string, on: boolean) =>
    onLayout({ ...layout, columnVisibility: { ...layout.columnVisibility, [id]: on } });
  const resize = (column: Column, by: number) =>
    onLayout({
      ...layout,
      columnSizing: { ...layout.columnSizing, [column.id]: Math.max(NARROWEST, column.width + by) },
    });
  const move = (index: number, by: 1 | -1) => {
    const order = columns.map((column) => column.id);
    const [taken] = order.splice(index, 1);
    if (taken === undefined) return;
    order.splice(index + by, 0, taken);
    onLayout({ ...layout, columnOrder: order });
  };
  return (
    <Popover
      label="Columns"
      align="end"
      width={300}
      open={open}
      onOpenChange={setOpen}
      trigger={
        <Button kind="ghost" command="logs.columns" icon={<Columns3 className="icon" aria-hidden="true" />}>
          <span className="max-sm:sr-only">Columns</span>
        </Button>
      }
    >
      <div className="mb-1.5 flex items-center justify-between border-b border-line pb-1.5">
        <span className="px-1.5 text-micro font-medium text-ink-3">Rows</span>
        <Segmented
          label="Row height"
          value={layout.rowHeight ?? "default"}
          onChange={(rowHeight) => onLayout({ ...layout, rowHeight })}
          options={HEIGHTS}
        />
      </div>
      <fieldset>
        <legend className="px-1.5 pb-1 text-micro font-medium text-ink-3">Columns</legend>
        {columns.map((column, index) => {
          // A list of traces without their text is no list.
          const fixed = column.id === "input";
          const on = isShown(column, layout);
          return (
            <div
              key={column.id}
              className="group/column flex min-h-7 items-center gap-1 rounded-chip pl-1.5 hover:bg-hover focus-within:bg-hover coarse:min-h-11"
            >
              <label className="flex min-w-0 flex-1 items-center gap-2">
                <input
                  type="checkbox"
                  className="size-3.5 flex-none accent-accent"
                  checked={on}
                  disabled={fixed}
                  onChange={(event) => show(column.id, event.target.checked)}
                />
                <span className="min-w-0 flex-1 truncate">{column.label}</span>
                {on && !shown.some((one) => one.id === column.id) && (
                  <span className="text-micro text-ink-3">no room</span>
                )}
              </label>
              <span className="flex flex-none opacity-0 group-focus-within/column:opacity-100 group-hover/column:opacity-100 coarse:opacity-100">
                <Small label={`Make ${column.label} narrower`} onPress={() => resize(column, -STEP)}>
                  <Minus className="icon size-3!" aria-hidden="true" />
                </Small>
                <Small label={`Make ${column.label} wider`} onPress={() => resize(column, STEP)}>
                  <Plus className="icon size-3!" aria-hidden="true" />
                </Small>
                <Small
                  label={`Move ${column.label} up`}
                  disabled={index === 0}
                  onPress={() => move(index, -1)}
                >
                  <ArrowUp className="icon size-3!" aria-hidden="true" />
                </Small>
                <Small
                  label={`Move ${column.label} down`}
                  disabled={index === columns.length - 1}
                  onPress={() => move(index, 1)}
                >
                  <ArrowDown className="icon size-3!" aria-hidden="true" />
                </Small>
              </span>
            </div>
          );
        })}
      </fieldset>
      <div className="mt-1 border-t border-line pt-1">
        <Button kind="ghost" onClick={() => onLayout({})}>
          Back to the default
        </Button>
      </div>
    </Popover>
  );
}

function Small(props: { label: string; disabled?: boolean; onPress: () => void; children: React.ReactNode }) {
  return (
    <button
      type="button"
      aria-label={props.label}
      title={props.label}
      disabled={props.disabled}
      onClick={props.onPress}
      className="grid size-6 place-items-center rounded-chip text-ink-3 hover:bg-surface hover:text-ink disabled:opacity-40"
    >
      {props.children}
    </button>
  );
}
