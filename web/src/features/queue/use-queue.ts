import { type QueryClient, useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { type QueueItem, type QueueQuery, queueQuery } from "@/api/queue.ts";
import type { ReviewProgress } from "@/live/topics.ts";
import { EMPTY, keyOf, type SteadyList, steady } from "./steady.ts";

export interface Queue extends SteadyList {
  isPending: boolean;
  error: unknown;
  /** More may come. */
  more: boolean;
  loading: boolean;
  /** Why the last page ended before it was full. */
  warning: string | null;
  loadMore: () => void;
  retry: () => void;
  /** Shows what is new, and no longer what has left. */
  showNew: () => void;
}

/** The rows of a queue, a page at a time; what others do to it never moves a row under the hand. */
export function useQueue(query: QueueQuery): Queue {
  const result = useInfiniteQuery(queueQuery(query));
  const { data, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = result;
  const key = JSON.stringify(query);
  const [serial, setSerial] = useState(0);
  const held = useRef({ key: "", list: EMPTY });
  const list = useMemo(() => {
    const name = `${serial} ${key}`;
    if (held.current.key !== name) held.current = { key: name, list: EMPTY };
    if (data)
      held.current.list = steady(
        held.current.list,
        data.pages.flatMap((page) => page.items),
      );
    return held.current.list;
  }, [data, key, serial]);
  return {
    ...list,
    isPending: result.isPending,
    error: result.error,
    more: hasNextPage,
    loading: isFetchingNextPage,
    warning: data?.pages.at(-1)?.warning ?? null,
    loadMore: useCallback(() => {
      if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
    }, [hasNextPage, isFetchingNextPage, fetchNextPage]),
    retry: useCallback(() => void refetch(), [refetch]),
    showNew: useCallback(() => {
      setSerial((before) => before + 1);
      void refetch();
    }, [refetch]),
  };
}

/** A burst of changes ends with a pause this long. */
const QUIET_MS = 400;

/** Asks for the queues of a kind again whenever its counts have moved. */
export function useQueueRefresh(
  projectId: string,
  kind: QueueQuery["kind"],
  progress: ReviewProgress | null,
) {
  const client = useQueryClient();
  const now = progress && JSON.stringify(progress);
  const seen = useRef<string | null>(null);
  useEffect(() => {
    if (now === null) return;
    const first = seen.current === null;
    seen.current = now;
    if (first) return;
    const timer = setTimeout(
      () => void client.invalidateQueries({ queryKey: ["queue", projectId, kind] }),
      QUIET_MS,
    );
    return () => clearTimeout(timer);
  }, [client, projectId, kind, now]);
  useEffect(() => {
    seen.current = null;
  }, [projectId, kind]);
}

/** Shows a change of rows at once, wherever they stand; the server's answer comes after. */
export function patchItems(
  client: QueryClient,
  { project_id, kind }: QueueQuery,
  keys: ReadonlySet<string>,
  change: Partial<QueueItem>,
): void {
  client.setQueriesData<{ pages: { items: QueueItem[] }[] }>(
    { queryKey: ["queue", project_id, kind] },
    (before) =>
      before && {
        ...before,
        pages: before.pages.map((page) => ({
          ...page,
          items: page.items.map((item) => (keys.has(keyOf(item)) ? { ...item, ...change } : item)),
        })),
      },
  );
}
