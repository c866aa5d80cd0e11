/** Saying that one is on an item, softly: others see it and are kept from nothing. */
import { useEffect } from "react";
import { giveBackRow, holdRow } from "@/api/queue.ts";
import type { Item } from "@/features/focus/items.ts";

/** Whoever passes by is not on it. */
const REST_MS = 800;
/** A hold lasts a quarter of an hour; renewed well before that, a lost renewal does no harm. */
const RENEW_MS = 5 * 60_000;

export function useHold(item: Item | null, mayWrite: boolean): void {
  const key = item && mayWrite ? JSON.stringify({ ...item.object, row_id: item.row }) : null;
  useEffect(() => {
    if (key === null) return;
    const row = JSON.parse(key);
    let held = false;
    // Nobody's work depends on it: without network nothing is said.
    const hold = () => {
      held = true;
      holdRow(row).catch(() => undefined);
    };
    const first = setTimeout(hold, REST_MS);
    const again = setInterval(hold, RENEW_MS);
    return () => {
      clearTimeout(first);
      clearInterval(again);
      if (held) giveBackRow(row).catch(() => undefined);
    };
  }, [key]);
}
