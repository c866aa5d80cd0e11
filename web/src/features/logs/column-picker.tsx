import { Columns3 } from "lucide-react";
import { useState } from "react";
import { useCommand } from "@/lib/commands/dispatch.ts";
import { Button } from "@/ui/button.tsx";
import { Popover } from "@/ui/popover.tsx";
import type { Column } from "./columns.tsx";

interface Props {
  columns: readonly Column[];
  /** Those that found room. */
  shown: readonly Column[];
  choice: {
    isShown: (column: Column) => boolean;
    set: (id: string, shown: boolean) => void;
    reset: () => void;
  };
}

/** Which columns the grid shows; kept on this device. */
export function ColumnPicker({ columns, shown, choice }: Props) {
  const [open, setOpen] = useState(false);
  useCommand("logs.columns", () => setOpen(true));
  return (
    <Popover
      label="Columns"
      align="end"
      width={232}
      open={open}
      onOpenChange={setOpen}
      trigger={
        <Button kind="ghost" command="logs.columns" icon={<Columns3 className="icon" aria-hidden="true" />}>
          <span className="max-sm:sr-only">Columns</span>
        </Button>
      }
    >
      <fieldset>
        <legend className="px-1.5 pb-1 text-micro font-medium text-ink-3">Columns</legend>
        {columns.map((column) => {
          // A list of traces without their text is no list.
          const fixed = column.id === "input";
          return (
            <label
              key={column.id}
              className="flex min-h-7 items-center gap-2 rounded-chip px-1.5 hover:bg-hover coarse:min-h-11"
            >
              <input
                type="checkbox"
                className="size-3.5 flex-none accent-accent"
                checked={fixed || choice.isShown(column)}
                disabled={fixed}
                onChange={(event) => choice.set(column.id, event.target.checked)}
              />
              <span className="min-w-0 flex-1 truncate">{column.label}</span>
              <span className="text-micro text-ink-3">
                {choice.isShown(column) && !shown.includes(column)
                  ? "no room"
                  : column.id.startsWith("score:") && "score"}
              </span>
            </label>
          );
        })}
      </fieldset>
      <div className="mt-1 border-t border-line pt-1">
        <Button kind="ghost" onClick={choice.reset}>
          Back to the default
        </Button>
      </div>
    </Popover>
  );
}
