/** The sitting of an address, and the address kept in step with it. */
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useMemo, useRef, useSyncExternalStore } from "react";
import { countItems, type ItemQuery, itemPage, onlyObject } from "@/features/focus/items.ts";
import { Sitting } from "@/features/focus/sitting.ts";
import { type FocusSearch, focusHref } from "@/lib/focus-href.ts";
import { DEFAULT_SORT } from "@/lib/list-search.ts";

/** The address follows once the hand rests: keys that pass over items do not wait for the router. */
const FOLLOW_MS = 150;

export function useSitting(org: string, project: { id: string; name: string }, search: FocusSearch) {
  const { kind, oid, f, sort } = search;
  const query = useMemo<ItemQuery>(
    () => ({
      project: project.id,
      kind,
      objectId: oid ?? null,
      filter: f ?? "",
      sort: sort ?? DEFAULT_SORT,
    }),
    [project.id, kind, oid, f, sort],
  );
  const sitting = useMemo(
    () => new Sitting({ page: (cursor) => itemPage(query, cursor), count: () => countItems(query) }),
    [query],
  );
  useSyncExternalStore(sitting.subscribe, () => sitting.state);
  const current = sitting.current;

  const written = useRef<string | undefined>(undefined);
  const { r, o } = search;
  useEffect(() => {
    if (r === undefined || r === written.current) return;
    written.current = r;
    const objectId = o ?? onlyObject(query);
    if (objectId === null) return;
    const object = { object_type: query.kind, object_id: objectId };
    sitting.show({ object, row: r, root: null }, Date.now());
  }, [sitting, query, r, o]);
  // After the item of the address: it stands in front before the first page is here.
  useEffect(() => sitting.begin(), [sitting]);

  const navigate = useNavigate();
  const address = useRef(search);
  address.current = search;
  const row = current?.row;
  const object = current?.object.object_id;
  useEffect(() => {
    if (row === undefined || row === address.current.r) return;
    const timer = setTimeout(() => {
      written.current = row;
      const { q: _, ...rest } = address.current;
      const href = focusHref(org, project.name, { ...rest, r: row, ...(object ? { o: object } : {}) });
      void navigate({ href, replace: true });
    }, FOLLOW_MS);
    return () => clearTimeout(timer);
  }, [row, object, org, project.name, navigate]);

  return { sitting, current };
}
