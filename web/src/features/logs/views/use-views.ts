import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";
import {
  changeView,
  createView,
  deleteView,
  type ListLayout,
  type Shelf,
  type ViewContent,
  viewsQuery,
} from "@/api/find.ts";
import { type ListSearch, textOfSort } from "@/lib/list-search.ts";
import { type Shown, savedView, searchOf, shownBy, type View } from "./views.ts";

export interface ViewsState {
  views: readonly View[];
  /** `null` while the saved view of the address is not here yet. */
  shown: Shown | null;
  /** The address names a view that does not exist, or not for this person. */
  missing: boolean;
  setFilter: (filter: string) => void;
  setSort: (sort: string) => void;
  setLayout: (layout: ListLayout) => void;
  choose: (id: string) => void;
  reset: () => void;
  /** Writes what is shown into the saved view. */
  save: () => Promise<void>;
  saveAs: (name: string, personal: boolean) => Promise<void>;
  rename: (view: View, name: string, personal: boolean) => Promise<void>;
  remove: (view: View) => Promise<void>;
  /** Makes a removed view again. */
  restore: (view: View) => Promise<void>;
}

function contentOf(
  view: Pick<View, "filter" | "sort" | "layout">,
  name: string,
  personal: boolean,
): ViewContent {
  return { name, personal, filter: view.filter, sort: textOfSort(view.sort), layout: view.layout };
}

/** The views of a list, and what the address shows of them; every change goes into the address. */
export function useViews(
  shelf: Shelf,
  builtIn: readonly View[],
  search: ListSearch,
  onSearch: (search: ListSearch, replace?: boolean) => void,
): ViewsState {
  const client = useQueryClient();
  const query = useQuery(viewsQuery(shelf));
  const views = useMemo(() => [...builtIn, ...(query.data ?? []).map(savedView)], [builtIn, query.data]);
  const found = useMemo(() => shownBy(search, views), [search, views]);
  const missing = found === null && !query.isPending;
  // A view that is gone leaves what the address says, over the default.
  const shown = useMemo(
    () => found ?? (missing ? shownBy({ ...search, view: "default" }, views) : null),
    [found, missing, search, views],
  );
  const put = useCallback(
    (part: Partial<Shown>, replace = false) => {
      if (shown) onSearch(searchOf({ ...shown, ...part }), replace);
    },
    [shown, onSearch],
  );
  const renew = () => client.invalidateQueries({ queryKey: viewsQuery(shelf).queryKey });
  const known = (saved: Awaited<ReturnType<typeof createView>>) =>
    client.setQueryData(viewsQuery(shelf).queryKey, (before) =>
      [...(before ?? []).filter((one) => one.id !== saved.id), saved].sort((a, b) =>
        a.name.localeCompare(b.name),
      ),
    );
  return {
    views,
    shown,
    missing,
    setFilter: useCallback((filter: string) => put({ filter }), [put]),
    setSort: useCallback((sort: string) => put({ sort }), [put]),
    setLayout: useCallback((layout: ListLayout) => put({ layout }, true), [put]),
    choose: useCallback((id: string) => onSearch(id === "default" ? {} : { view: id }), [onSearch]),
    reset: useCallback(
      () => onSearch(!shown || shown.view.id === "default" ? {} : { view: shown.view.id }),
      [shown, onSearch],
    ),
    save: async () => {
      if (!shown?.view.saved) return;
      const { view } = shown;
      const personal = view.saved?.options?.personal === true;
      known(await changeView(shelf, view.id, contentOf(shown, view.name, personal)));
      onSearch({ view: view.id }, true);
      await renew();
    },
    saveAs: async (name, personal) => {
      if (!shown) return;
      const saved = await createView(shelf, contentOf(shown, name, personal));
      known(saved);
      onSearch({ view: saved.id }, true);
      await renew();
    },
    rename: async (view, name, personal) => {
      known(await changeView(shelf, view.id, contentOf(view, name, personal)));
      await renew();
    },
    remove: async (view) => {
      await deleteView(shelf, view.id);
      if (search.view === view.id) onSearch({}, true);
      await renew();
    },
    restore: async (view) => {
      known(await createView(shelf, contentOf(view, view.name, view.saved?.options?.personal === true)));
      await renew();
    },
  };
}
