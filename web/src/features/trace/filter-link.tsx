import { Filter } from "lucide-react";
import { usePlace } from "@/api/place.ts";
import type { Json } from "@/api/types.ts";
import { condition, type FilterTarget, path } from "@/lib/filter/expression.ts";
import { listHref } from "@/lib/last-list.ts";
import { AppLink } from "@/ui/app-link.tsx";

/** A longer text is no value to find others by: search is for that. */
const LONGEST = 120;

/** The condition that a value in a row stands for; `null` for what is no plain value. */
export function targetOf(at: readonly (string | number)[], value: Json): FilterTarget | null {
  if (typeof value === "string" && value.length > LONGEST) return null;
  if (value === null || typeof value === "object") return null;
  const last = at.at(-1);
  if (typeof last === "number" && typeof value === "string") {
    return { kind: "holds", path: path(at.slice(0, -1)), value };
  }
  return { kind: "is", path: path(at), value };
}

/** Leads to the list of everything that has this value; seen under the pointer and by the keyboard. */
export function FilterLink({ target }: { target: FilterTarget }) {
  const place = usePlace();
  const expression = condition(target);
  return (
    <AppLink
      href={listHref(place.list, expression)}
      aria-label={`Find all with ${expression}`}
      title={`Find all with ${expression}`}
      className="absolute top-1/2 left-full z-[1] ml-0.5 grid size-5 -translate-y-1/2 place-items-center rounded-cap border border-line-2 bg-surface text-ink-3 shadow-1 opacity-0 hover:text-accent-ink focus-visible:opacity-100 group-hover/leaf:opacity-100 coarse:opacity-100"
    >
      <Filter className="size-3" aria-hidden="true" />
    </AppLink>
  );
}
