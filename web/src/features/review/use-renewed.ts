/** What the server derives of a review, asked for again a moment after the document changed. */
import { type QueryKey, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import type { ReviewSession } from "@/sync/session.ts";

/** The server is asked once things have been quiet this long. */
const QUIET_MS = 700;

export function useRenewed(session: ReviewSession, queryKey: QueryKey): void {
  const client = useQueryClient();
  const key = JSON.stringify(queryKey);
  useEffect(() => {
    let timer = 0;
    let seen = session.view();
    let waiting = session.unsaved;
    const stop = session.subscribe(() => {
      // What is only here the server does not know yet: being stored is news as well.
      if (session.view() === seen && session.unsaved === waiting) return;
      seen = session.view();
      waiting = session.unsaved;
      window.clearTimeout(timer);
      timer = window.setTimeout(
        () => void client.invalidateQueries({ queryKey: JSON.parse(key) as QueryKey }),
        QUIET_MS,
      );
    });
    return () => {
      stop();
      window.clearTimeout(timer);
    };
  }, [session, client, key]);
}
