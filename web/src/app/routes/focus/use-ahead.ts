/** The next items are loaded while this one is read: moving on then shows them in the same frame. */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { spanQuery, traceQuery } from "@/api/queries.ts";
import type { Item } from "@/features/focus/items.ts";
import { acquire, type RowRef, release } from "@/sync/reviews.ts";
import type { Person } from "@/sync/session.ts";

const ITEMS_AHEAD = 3;
/** After the item in front is drawn, which comes first. */
const REST_MS = 120;

export function useAhead(items: readonly Item[], at: number, me: Person, mayWrite: boolean): void {
  const client = useQueryClient();
  const held = useRef(new Map<string, RowRef>());
  const wanted = items.slice(at + 1, at + 1 + ITEMS_AHEAD);
  const key = wanted.map((item) => `${item.object.object_id} ${item.row}`).join("\n");
  const latest = useRef(wanted);
  latest.current = wanted;
  const { id, name } = me;

  useEffect(() => {
    if (key === "") return;
    const person = { id, name };
    const timer = setTimeout(() => {
      const next = new Map<string, RowRef>();
      for (const { object, row, root } of latest.current) {
        void client.prefetchQuery(spanQuery(object, row));
        if (root !== null) void client.prefetchQuery(traceQuery(object, root));
        next.set(`${object.object_id} ${row}`, { ...object, row_id: row });
      }
      for (const [name, ref] of next) {
        if (held.current.has(name)) continue;
        // What cannot be opened ahead is opened, and reported, when it is in front.
        acquire(ref, person, mayWrite).catch(() => undefined);
      }
      const before = held.current;
      held.current = next;
      for (const [name, ref] of before) if (!next.has(name)) release(ref, person);
    }, REST_MS);
    return () => clearTimeout(timer);
  }, [client, key, id, name, mayWrite]);

  useEffect(() => {
    const { current } = held;
    return () => {
      for (const ref of (held.current.size > 0 ? held.current : current).values()) release(ref, { id, name });
      held.current = new Map();
    };
  }, [id, name]);
}
