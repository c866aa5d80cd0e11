import { useQueries } from "@tanstack/react-query";
import { countQuery, type FilterPart } from "@/api/find.ts";
import type { Place } from "@/api/place.ts";
import { allOf } from "@/lib/filter/expression.ts";
import { plural } from "@/lib/format.ts";
import { Button } from "@/ui/button.tsx";
import { EmptyState } from "@/ui/states.tsx";

/** Conditions for which it is worth asking how many there would be without them. */
const ASKED = 5;

interface Props {
  place: Place;
  parts: readonly FilterPart[];
  /** How a condition reads. */
  nameOf: (part: FilterPart) => string;
  onRemove: (index: number) => void;
  onClear: () => void;
}

/** Nothing fits: which condition stands in the way, and how many there are without it. */
export function NoMatch({ place, parts, nameOf, onRemove, onClear }: Props) {
  const without = parts
    .slice(0, ASKED)
    .map((_, index) => allOf(parts.filter((_, i) => i !== index).map((p) => p.text)));
  const counts = useQueries({ queries: without.map((filter) => countQuery(place.object, filter)) });
  return (
    <EmptyState
      title={`No ${place.noun}s match ${plural(parts.length, "condition")}`}
      action={<Button onClick={onClear}>Clear the filter</Button>}
    >
      <ul className="mt-1 flex flex-col items-center gap-1">
        {parts.slice(0, ASKED).map((part, index) => {
          const found = counts[index]?.data;
          const least = found?.rows_are === "at_least" ? "at least " : "";
          return (
            <li key={part.text}>
              <button
                type="button"
                onClick={() => onRemove(index)}
                className="rounded-chip px-1.5 py-0.5 text-accent-ink hover:bg-hover"
              >
                {found ? `${least}${plural(found.traces, place.noun)} ` : ""}without {nameOf(part)}
              </button>
            </li>
          );
        })}
      </ul>
    </EmptyState>
  );
}
