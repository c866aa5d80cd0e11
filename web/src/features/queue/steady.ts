/** A list that stands still while others work: what is new is counted, what matches no longer is marked. Pure. */
import type { QueueItem } from "@/api/queue.ts";
import { placeKey } from "@/live/use-topic.ts";

export interface SteadyList {
  items: readonly QueueItem[];
  /** Items that the filter no longer finds, by `keyOf`. */
  left: ReadonlySet<string>;
  /** Items that would stand above the last one shown. */
  fresh: number;
}

export const keyOf = (item: { object_id: string; row_id: string }): string =>
  placeKey(item.object_id, item.row_id);

export const EMPTY: SteadyList = { items: [], left: new Set(), fresh: 0 };

/** What is shown after the list was read again, or further. */
export function steady(before: SteadyList, found: readonly QueueItem[]): SteadyList {
  if (before.items.length === 0) return { items: found, left: new Set(), fresh: 0 };
  const now = new Map(found.map((item) => [keyOf(item), item]));
  const known = new Set(before.items.map(keyOf));
  // What stands after everything that was known is the next page, the rest came in between.
  let end = found.length;
  while (end > 0 && !known.has(keyOf(found[end - 1] as QueueItem))) end -= 1;
  const more = end === 0 ? [] : found.slice(end);
  const fresh = (end === 0 ? found : found.slice(0, end)).filter((item) => !known.has(keyOf(item))).length;
  const left = new Set([...known].filter((key) => !now.has(key)));
  return { items: [...before.items.map((item) => now.get(keyOf(item)) ?? item), ...more], left, fresh };
}
