import { useMemo, useSyncExternalStore } from "react";
import { get } from "@/api/client.ts";
import type { ObjectRef, TracePage } from "@/api/types.ts";
import { type ListQuery, type ListState, type PageRequest, TraceList } from "./trace-list.ts";

/** Lists of the last few places, so that coming back from a trace finds every row where it was. */
const KEPT = 4;
const lists = new Map<string, TraceList>();
/** The list that was last on screen, by object: where a trace opened from it has its neighbours. */
const latest = new Map<string, TraceList>();

function ask(object: ObjectRef, { filter, sort, ...page }: PageRequest): Promise<TracePage> {
  // The plain list has an order of its own, which needs no look at every row.
  const order = { "-created": "newest", created: "oldest" }[sort];
  const by = filter === "" && order ? { order } : { filter, sort: sort === "-created" ? null : sort };
  return get<TracePage>("/api/trace", { ...object, ...page, ...by });
}

function listOf(object: ObjectRef, { filter, sort }: ListQuery): TraceList {
  const key = JSON.stringify([object.object_id, filter, sort]);
  let list = lists.get(key);
  if (list) lists.delete(key);
  else list = new TraceList({ filter, sort }, (request) => ask(object, request));
  lists.set(key, list);
  for (const old of lists.keys()) {
    if (lists.size <= KEPT) break;
    lists.delete(old);
  }
  latest.set(object.object_id, list);
  return list;
}

export function useTraceList(object: ObjectRef, filter: string, sort: string): [TraceList, ListState] {
  const list = useMemo(() => listOf(object, { filter, sort }), [object, filter, sort]);
  const state = useSyncExternalStore(list.subscribe, () => list.state);
  return [list, state];
}

/** The list that the reader came from, if they came from one. */
export const lastList = (object: ObjectRef): TraceList | undefined => latest.get(object.object_id);
