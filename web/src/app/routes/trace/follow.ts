/** What the trace page loads on its own: neighbours ahead of the hand, badges after a change. */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";
import { spanQuery, traceQuery } from "@/api/queries.ts";
import type { ObjectRef, SpanLine, TraceDetail } from "@/api/types.ts";
import { matchOf } from "@/features/logs/trace-list.ts";
import { lastList } from "@/features/logs/use-trace-list.ts";
import { buildTree, readingOrder } from "@/features/trace/span-tree.ts";
import { inQueue, type QueuePlace } from "@/lib/last-queue.ts";
import type { ReviewSession } from "@/sync/session.ts";

/** The span that the address names; else the first that waits for a review; else the root. */
export function pick(order: readonly SpanLine[], wanted: string | undefined): SpanLine | null {
  return (
    order.find((span) => wanted !== undefined && (span.span_id === wanted || span.id === wanted)) ??
    order.find((span) => span.review.status === "awaiting") ??
    order.find((span) => span.is_root) ??
    order[0] ??
    null
  );
}

/** A trace beside this one, and the span of it to show. */
export interface Neighbour {
  trace: string;
  span: string | undefined;
  /** Where it is, if in another object than this one. */
  place?: { object: ObjectRef; href: string };
}

export interface Around {
  previous: Neighbour | null;
  next: Neighbour | null;
  position: { index: number; total: number } | null;
  /** The list that they are of, where it is not that of the object. */
  back?: string;
}

const NO_LIST = { subscribe: () => () => {}, read: () => null };

/** What stands before and after a trace: in the filtered or sorted list that the reader came from, else by time. */
export function useAround(
  object: ObjectRef,
  trace: string,
  span: string | undefined,
  detail: TraceDetail | undefined,
): Around {
  const list = lastList(object);
  const ordered = list && (list.query.filter !== "" || list.query.sort !== "-created") ? list : null;
  const state = useSyncExternalStore(
    ordered?.subscribe ?? NO_LIST.subscribe,
    ordered ? () => ordered.state : NO_LIST.read,
  );
  const here = ordered?.around(trace) ?? null;
  const atEnd = here !== null && here.next === null;
  useEffect(() => {
    if (atEnd && ordered && state && !state.complete && !state.cut) void ordered.loadMore();
  }, [atEnd, ordered, state]);
  const queue = inQueue(object.object_id, trace, span);
  if (queue) {
    const beside = (item: QueuePlace | null): Neighbour | null =>
      item && { trace: item.root, span: item.span, place: { object: item.object, href: item.href } };
    const { previous, next, index, total, href } = queue;
    return { previous: beside(previous), next: beside(next), position: { index, total }, back: href };
  }
  if (here && state) {
    const beside = (row: typeof here.next) => row && { trace: row.root_span_id, span: matchOf(row) };
    return {
      previous: beside(here.previous),
      next: beside(here.next),
      position: { index: here.index, total: state.total },
    };
  }
  const byTime = (root: string | null | undefined) => (root ? { trace: root, span: undefined } : null);
  return {
    previous: byTime(detail?.previous),
    next: byTime(detail?.next),
    position: detail ? { index: detail.position, total: detail.total } : null,
  };
}

/** A pause this long ends a burst of edits. */
const QUIET_MS = 1500;

/** The neighbours are loaded ahead, so that moving on shows them at once. */
export function useNeighbours({ next, previous }: Around, object: ObjectRef) {
  const client = useQueryClient();
  const wanted = JSON.stringify(
    [next, previous].flatMap((one) => (one ? [[one.place?.object ?? object, one.trace, one.span]] : [])),
  );
  useEffect(() => {
    const load = async (of: ObjectRef, trace: string, span: string | undefined) => {
      const detail = await client.fetchQuery(traceQuery(of, trace));
      const first = pick(readingOrder(buildTree(detail.spans)), span);
      if (first) await client.prefetchQuery(spanQuery(of, first.id));
    };
    const timer = setTimeout(() => {
      // What could not be loaded ahead is loaded, and reported, when it is opened.
      for (const [of, trace, span] of JSON.parse(wanted) as [ObjectRef, string, string?][]) {
        load(of, trace, span).catch(() => undefined);
      }
    }, 200);
    return () => clearTimeout(timer);
  }, [client, wanted]);
}

/** After a review changed, the tree's badges and the row's effective values are asked for again once things are quiet. */
export function useFreshness(
  session: ReviewSession | null,
  trace: string,
  objectId: string,
  row: string | null,
) {
  const client = useQueryClient();
  useEffect(() => {
    if (!session) return;
    let timer = 0;
    let seen = session.view();
    const stop = session.subscribe(() => {
      if (session.view() === seen) return;
      seen = session.view();
      window.clearTimeout(timer);
      timer = window.setTimeout(() => {
        void client.invalidateQueries({ queryKey: ["trace", objectId, trace] });
        void client.invalidateQueries({ queryKey: ["span", objectId, row] });
      }, QUIET_MS);
    });
    return () => {
      stop();
      window.clearTimeout(timer);
    };
  }, [session, trace, objectId, row, client]);
}
