import type { ObjectType } from "@/api/types.ts";
import type { LiveValue } from "./connection.ts";
import type { Metrics } from "./metrics.ts";
import { useTopic } from "./use-topic.ts";

/** The figures of an object, moving as people work. */
export function useMetrics(object_type: ObjectType, object_id: string): LiveValue<Metrics> {
  return useTopic({ kind: "metrics", object_type, object_id });
}
