import { useEffect, useRef } from "react";
import type { ObjectRef } from "@/api/types.ts";
import type { ViewMessage } from "./connection.ts";
import { live } from "./live.ts";

/** Rows that are followed one by one: a screen or two. */
const FOLLOWED = 100;

/** Follows the rows that a filter holds for, while there is a filter; every message is passed on. */
export function useView(object: ObjectRef, filter: string, onMessage: (message: ViewMessage) => void): void {
  const latest = useRef(onMessage);
  latest.current = onMessage;
  const { object_type, object_id } = object;
  useEffect(() => {
    if (filter === "") return;
    const topic = { kind: "view", object_type, object_id, filter, limit: FOLLOWED } as const;
    return live.follow(topic, (message) => latest.current(message));
  }, [object_type, object_id, filter]);
}
