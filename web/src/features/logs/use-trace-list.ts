import { useMemo, useSyncExternalStore } from "react";
import { get } from "@/api/client.ts";
import type { ObjectRef, TracePage } from "@/api/types.ts";
import { type ListState, type Order, TraceList } from "./trace-list.ts";

/** Lists of the last few places, so that coming back from a trace finds every row where it was. */
const KEPT = 3;
const lists = new Map<string, TraceList>();

function listOf(object: ObjectRef, order: Order): TraceList {
  const key = `${object.object_id} ${order}`;
  const known = lists.get(key);
  if (known) return known;
  const list = new TraceList(order, (request) => get<TracePage>("/api/trace", { ...object, ...request }));
  lists.set(key, list);
  for (const old of lists.keys()) {
    if (lists.size <= KEPT) break;
    lists.delete(old);
  }
  return list;
}

export function useTraceList(object: ObjectRef, order: Order): [TraceList, ListState] {
  const list = useMemo(() => listOf(object, order), [object, order]);
  const state = useSyncExternalStore(list.subscribe, () => list.state);
  return [list, state];
}
