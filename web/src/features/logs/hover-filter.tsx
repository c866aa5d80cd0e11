import { Filter } from "lucide-react";
import { type RefObject, useEffect, useRef, useState } from "react";
import type { CellFilter } from "./columns.tsx";

interface Place {
  index: number;
  column: string;
  top: number;
  right: number;
}

interface Props {
  frame: RefObject<HTMLDivElement | null>;
  /** What a cell offers. */
  filtersAt: (index: number, column: string) => readonly CellFilter[];
  onPress: (filters: readonly CellFilter[], anchor: Element) => void;
}

/** One small button over the cell under the pointer, instead of one in every cell. */
export function HoverFilter({ frame, filtersAt, onPress }: Props) {
  const [place, setPlace] = useState<Place | null>(null);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    const around = frame.current;
    if (!around || matchMedia("(pointer: coarse)").matches) return;
    const over = (event: Event) => {
      const target = event.target as HTMLElement;
      if (button.current?.contains(target)) return;
      const cell = target.closest<HTMLElement>("[data-column]");
      const row = cell?.closest<HTMLElement>("[data-index]");
      const column = cell?.dataset.column;
      if (!cell || !row || !column) return setPlace(null);
      const edge = around.getBoundingClientRect();
      const box = cell.getBoundingClientRect();
      setPlace({
        index: Number(row.dataset.index),
        column,
        top: box.top - edge.top + box.height / 2,
        right: Math.min(box.right, edge.right) - edge.left,
      });
    };
    const leave = () => setPlace(null);
    around.addEventListener("pointerover", over);
    around.addEventListener("pointerleave", leave);
    around.addEventListener("scroll", leave, { passive: true, capture: true });
    return () => {
      around.removeEventListener("pointerover", over);
      around.removeEventListener("pointerleave", leave);
      around.removeEventListener("scroll", leave, { capture: true });
    };
  }, [frame]);
  const filters = place ? filtersAt(place.index, place.column) : [];
  if (!place || filters.length === 0) return null;
  const label = filters.length === 1 ? `Filter: ${filters[0]?.label}` : "Filter by a value here";
  return (
    <button
      ref={button}
      type="button"
      tabIndex={-1}
      aria-label={label}
      title={`${label} (Alt+click)`}
      onClick={(event) => onPress(filters, event.currentTarget)}
      style={{ top: place.top - 12, left: place.right - 26 }}
      className="absolute z-[5] grid size-6 place-items-center rounded-chip border border-line-2 bg-surface text-ink-3 shadow-1 hover:text-accent-ink"
    >
      <Filter className="icon size-3!" aria-hidden="true" />
    </button>
  );
}
