import { useCallback, useMemo, useSyncExternalStore } from "react";
import type { LiveValue } from "./connection.ts";
import { live } from "./live.ts";
import type { Holder, ValueOf, ValueTopic } from "./topics.ts";

const NOTHING = { data: null, stale: true };

/** What a topic says, moving as people work; `null` follows nothing. At most one render per animation frame. */
export function useTopic<K extends ValueTopic["kind"]>(
  topic: Extract<ValueTopic, { kind: K }> | null,
): LiveValue<ValueOf[K]> {
  const key = JSON.stringify(topic);
  const held = useMemo(() => topic, [key]);
  const subscribe = useCallback(
    (listener: () => void) => {
      if (!held) return () => undefined;
      let frame = 0;
      const stop = live.subscribe(held, () => {
        if (frame === 0) {
          frame = requestAnimationFrame(() => {
            frame = 0;
            listener();
          });
        }
      });
      return () => {
        cancelAnimationFrame(frame);
        stop();
      };
    },
    [held],
  );
  return useSyncExternalStore(subscribe, () => (held && live.value<K>(held)) ?? NOTHING);
}

/** Names a row of any object. */
export const placeKey = (objectId: string, rowId: string): string => `${objectId} ${rowId}`;

/** Who is on which row of a project, by `placeKey`. */
export function useHolds(projectId: string): ReadonlyMap<string, Holder> {
  const { data } = useTopic({ kind: "holds", project_id: projectId });
  return useMemo(
    () => new Map(data?.holds.map((hold) => [placeKey(hold.object_id, hold.row_id), hold.holder])),
    [data],
  );
}
