/** The history of a review, asked for again a moment after the document changed. */
import { queryOptions, useQuery } from "@tanstack/react-query";
import { get } from "@/api/client.ts";
import type { HistoryEntry, HistoryPage } from "@/api/types.ts";
import type { ReviewSession } from "@/sync/session.ts";
import { useRenewed } from "./use-renewed.ts";

/** Pages to follow at most; older reviews show their first entries here and all of them in the audit. */
const MOST_PAGES = 10;
const PAGE = 500;

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
  const query = historyQuery(session.documentId);
  useRenewed(session, query.queryKey);
  return useQuery(query);
}
