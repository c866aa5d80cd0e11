/** The history of a review, asked for again a moment after the document changed. */
import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { get } from "@/api/client.ts";
import type { HistoryEntry, HistoryPage } from "@/api/types.ts";
import type { ReviewSession } from "@/sync/session.ts";

/** Pages to follow at most; older reviews show their first entries here and all of them in the audit. */
const MOST_PAGES = 10;
const PAGE = 500;
/** The server is asked once things have been quiet this long. */
const QUIET_MS = 700;

export const historyQuery = (documentId: string) =>
  queryOptions({
    queryKey: ["history", documentId],
    queryFn: async ({ signal }): Promise<HistoryEntry[]> => {
      const entries: HistoryEntry[] = [];
      let cursor: string | null = null;
      for (let page = 0; page < MOST_PAGES; page++) {
        const answer: HistoryPage = await get(
          `/api/review/${documentId}/history`,
          { cursor, limit: PAGE },
          signal,
        );
        entries.push(...answer.entries);
        cursor = answer.cursor;
        if (cursor === null || answer.entries.length === 0) break;
      }
      return entries;
    },
    staleTime: 1000,
  });

export function useHistory(session: ReviewSession) {
  const client = useQueryClient();
  useEffect(() => {
    let timer = 0;
    let seen = session.view();
    let waiting = session.unsaved;
    const stop = session.subscribe(() => {
      // What is only here has no history yet: being stored is news as well.
      if (session.view() === seen && session.unsaved === waiting) return;
      seen = session.view();
      waiting = session.unsaved;
      window.clearTimeout(timer);
      timer = window.setTimeout(
        () => void client.invalidateQueries({ queryKey: historyQuery(session.documentId).queryKey }),
        QUIET_MS,
      );
    });
    return () => {
      stop();
      window.clearTimeout(timer);
    };
  }, [session, client]);
  return useQuery(historyQuery(session.documentId));
}
