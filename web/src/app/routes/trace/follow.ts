/** What the trace page loads on its own: neighbours ahead of the hand, badges after a change. */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { spanQuery, traceQuery } from "@/api/queries.ts";
import type { ObjectRef, SpanLine } from "@/api/types.ts";
import { buildTree, readingOrder } from "@/features/trace/span-tree.ts";
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

/** A pause this long ends a burst of edits. */
const QUIET_MS = 1500;

/** The neighbours are loaded ahead, so that moving on shows them at once. */
export function useNeighbours(
  next: string | null | undefined,
  previous: string | null | undefined,
  object: ObjectRef,
) {
  const client = useQueryClient();
  useEffect(() => {
    const load = async (trace: string) => {
      const detail = await client.fetchQuery(traceQuery(object, trace));
      const first = pick(readingOrder(buildTree(detail.spans)), undefined);
      if (first) await client.prefetchQuery(spanQuery(object, first.id));
    };
    const timer = setTimeout(() => {
      // What could not be loaded ahead is loaded, and reported, when it is opened.
      for (const trace of [next, previous]) if (trace) load(trace).catch(() => undefined);
    }, 200);
    return () => clearTimeout(timer);
  }, [client, object, next, previous]);
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
