import { useCallback, useMemo, useSyncExternalStore } from "react";
import type { ObjectType } from "@/api/types.ts";
import type { LiveValue, MetricsTopic } from "./connection.ts";
import { live } from "./live.ts";

const NOTHING: LiveValue = { data: null, stale: true };

/** The figures of an object, moving as people work. At most one render per animation frame. */
export function useMetrics(object_type: ObjectType, object_id: string): LiveValue {
  const topic = useMemo<MetricsTopic>(
    () => ({ kind: "metrics", object_type, object_id }),
    [object_type, object_id],
  );
  const subscribe = useCallback(
    (listener: () => void) => {
      let frame = 0;
      const stop = live.subscribe(topic, () => {
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
    [topic],
  );
  return useSyncExternalStore(subscribe, () => live.value(topic) ?? NOTHING);
}
