import { Menu as Base } from "@base-ui/react/menu";
import { Filter } from "lucide-react";
import type { CellFilter } from "./columns.tsx";

interface Props {
  /** Beside this the values are offered; `null` closes. */
  anchor: Element | null;
  filters: readonly CellFilter[];
  onFilter: (filter: CellFilter) => void;
  onClose: () => void;
}

/** The values of a row, each to narrow the list by. */
export function ValueMenu({ anchor, filters, onFilter, onClose }: Props) {
  return (
    <Base.Root open={anchor !== null} onOpenChange={(open) => !open && onClose()} modal={false}>
      <Base.Portal>
        <Base.Positioner anchor={anchor} side="bottom" align="start" sideOffset={2} className="z-40">
          <Base.Popup
            aria-label="Filter by a value of this row"
            className="floating max-h-[min(420px,var(--available-height))] min-w-[216px] overflow-y-auto p-1 outline-none"
          >
            {filters.map((filter) => (
              <Base.Item
                key={filter.label}
                onClick={() => onFilter(filter)}
                className="flex min-h-7 select-none items-center gap-2 rounded-chip px-2 text-ink-2 outline-none data-highlighted:bg-hover data-highlighted:text-ink coarse:min-h-10"
              >
                <Filter className="icon size-3! text-ink-3" aria-hidden="true" />
                <span className="max-w-[320px] truncate">{filter.label}</span>
              </Base.Item>
            ))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
