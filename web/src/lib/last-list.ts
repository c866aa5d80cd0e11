/** Where each list was left, so that going back from a trace finds its view and filter again. */
import { defaultStringifySearch } from "@tanstack/react-router";
import { keepQueue } from "./last-queue.ts";
import type { ListSearch } from "./list-search.ts";

const kept = new Map<string, ListSearch>();

export function keepListSearch(list: string, search: ListSearch): void {
  keepQueue(null);
  kept.set(list, search);
}

/** Address of a list as it was left; with `filter`, of everything that the filter finds. */
export function listHref(list: string, filter?: string): string {
  const search: ListSearch = filter === undefined ? (kept.get(list) ?? {}) : { filter };
  return list + defaultStringifySearch({ ...search });
}
