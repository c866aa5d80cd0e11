import { useEffect, useRef } from "react";

/** At most one refresh in this time, whatever the number of changes. */
const EVERY_MS = 1000;

/**
 * Runs `refresh` after `trigger` changes: at once when quiet, else when the second is over and the last refresh
 * has ended. The first value is not a change.
 */
export function useRefresh(trigger: unknown, refresh: () => Promise<void>): void {
  const latest = useRef(refresh);
  latest.current = refresh;
  const state = useRef({ first: true, busy: false, again: false, lastAt: 0, timer: 0 });

  useEffect(() => {
    const s = state.current;
    if (trigger === null || trigger === undefined) return;
    if (s.first) {
      s.first = false;
      return;
    }
    const run = () => {
      s.timer = 0;
      if (s.busy) {
        s.again = true;
        return;
      }
      s.busy = true;
      s.lastAt = performance.now();
      void latest.current().finally(() => {
        s.busy = false;
        if (!s.again) return;
        s.again = false;
        plan();
      });
    };
    const plan = () => {
      if (s.timer !== 0) return;
      s.timer = window.setTimeout(run, Math.max(0, s.lastAt + EVERY_MS - performance.now()));
    };
    plan();
  }, [trigger]);

  useEffect(() => {
    const s = state.current;
    return () => {
      window.clearTimeout(s.timer);
      s.timer = 0;
    };
  }, []);
}
