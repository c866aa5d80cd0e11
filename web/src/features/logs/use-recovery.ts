import { useEffect } from "react";
import { onSignedIn } from "@/api/client.ts";
import type { TraceList } from "./trace-list.ts";

/** Reads a list that failed once more when what was missing is back: the network, or the session. */
export function useRecovery(list: TraceList): void {
  useEffect(() => {
    const again = () => {
      if (list.state.phase !== "failed") return;
      void (list.state.rows.length === 0 ? list.reload() : list.loadMore());
    };
    window.addEventListener("online", again);
    const stop = onSignedIn(again);
    return () => {
      window.removeEventListener("online", again);
      stop();
    };
  }, [list]);
}
