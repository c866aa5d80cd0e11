/** The views of a list: built-in and saved, and what the address makes of the chosen one. Pure. */
import type { ListLayout, SavedView } from "@/api/find.ts";
import { literal } from "@/lib/filter/expression.ts";
import { DEFAULT_SORT, type ListSearch, readLayout, sortOfText } from "@/lib/list-search.ts";

export interface View {
  id: string;
  name: string;
  filter: string;
  sort: string;
  layout: ListLayout;
  saved: SavedView | null;
}

/** Filters of the built-in views. */
function builtIn(me: string, records: boolean): [string, string, string][] {
  const all: [string, string, string, boolean][] = [
    ["default", "Default", "", true],
    ["errors", "Errors", "error is not null", false],
    ["non-errors", "Non-errors", "is_root and not any_span(error is not null)", false],
    ["unreviewed", "Unreviewed", "is_root and review.status = 'none' and len(reviews) = 0", true],
    ["awaiting", "Awaiting review", "review.status = 'awaiting'", true],
    ["mine", "Assigned to me", `__bt_assignments includes ${literal(me)}`, true],
    ["completed", "Completed", "review.status = 'complete'", true],
    ["differ", "Judge and human differ", "disagreement > 0.25", false],
  ];
  return all
    .filter(([, , , everywhere]) => everywhere || !records)
    .map(([id, name, filter]) => [id, name, filter]);
}

export function builtInViews(me: string, records: boolean): View[] {
  return builtIn(me, records).map(([id, name, filter]) => ({
    id,
    name,
    filter,
    sort: DEFAULT_SORT,
    layout: {},
    saved: null,
  }));
}

export function savedView(saved: SavedView): View {
  const search = saved.view_data?.search;
  return {
    id: saved.id,
    name: saved.name,
    filter: (search?.filter ?? []).map((one) => one.text).join(" and "),
    sort: sortOfText(search?.sort?.[0]?.text),
    layout: readLayout(saved.options?.options),
    saved,
  };
}

/** What the list shows: the view, with what the address says over it. */
export interface Shown {
  view: View;
  filter: string;
  sort: string;
  layout: ListLayout;
  /** True where it differs from the view. */
  changed: boolean;
}

export function shownBy(search: ListSearch, views: readonly View[]): Shown | null {
  const view = views.find((one) => one.id === (search.view ?? "default"));
  if (!view) return null;
  const filter = search.filter ?? view.filter;
  const sort = search.sort ?? view.sort;
  const layout = search.layout ?? view.layout;
  const changed =
    filter !== view.filter || sort !== view.sort || JSON.stringify(layout) !== JSON.stringify(view.layout);
  return { view, filter, sort, layout, changed };
}

/** The address of a state: only what differs from the view is named. */
export function searchOf({ view, filter, sort, layout }: Omit<Shown, "changed">): ListSearch {
  return {
    ...(view.id === "default" ? {} : { view: view.id }),
    ...(filter === view.filter ? {} : { filter }),
    ...(sort === view.sort ? {} : { sort }),
    ...(JSON.stringify(layout) === JSON.stringify(view.layout) ? {} : { layout }),
  };
}
