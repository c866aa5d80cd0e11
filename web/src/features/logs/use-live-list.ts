import { useEffect, useRef, useState } from "react";
import type { ObjectRef } from "@/api/types.ts";
import type { ViewMessage } from "@/live/connection.ts";
import { useView } from "@/live/use-view.ts";
import type { TraceList } from "./trace-list.ts";

/**
 * Keeps a filtered list honest while people work: what begins to match is counted, what changes is read again,
 * what matches no longer is marked. True while the server tells; false where it cannot, and the list has to ask.
 */
export function useLiveList(object: ObjectRef, list: TraceList): boolean {
  const [told, setTold] = useState(false);
  /** The spans that the server follows for us, by row id: a span that left is known by its id alone. */
  const spans = useRef(new Map<string, string>());
  const begun = useRef(false);
  useEffect(() => {
    spans.current = new Map();
    begun.current = false;
    setTold(false);
  }, [list]);

  // Records show what they hold, which no figure moves with: their lists are always followed.
  const everything = object.object_type === "dataset" ? "true" : "";
  useView(object, list.query.filter || everything, (message: ViewMessage) => {
    if (message.type === "problem") {
      setTold(false);
      return;
    }
    const known = spans.current;
    if (message.type === "snapshot") {
      const before = new Map(known);
      known.clear();
      for (const row of message.rows) known.set(row.id, row.root_span_id);
      // The first is what the list has just read; a later one follows a break and says what was missed.
      if (begun.current) {
        list.enter(message.rows.filter((row) => !before.has(row.id)).map((row) => row.root_span_id));
        list.leave([...before].filter(([id]) => !known.has(id)).map(([, root]) => root));
      }
      begun.current = true;
      setTold(true);
      return;
    }
    const gone = message.left.flatMap((id) => known.get(id) ?? list.rootsOf([id]));
    for (const id of message.left) known.delete(id);
    for (const row of message.entered) known.set(row.id, row.root_span_id);
    list.leave(gone);
    list.again(message.changed.map((row) => row.root_span_id));
    list.enter(message.entered.map((row) => row.root_span_id));
  });
  return told;
}
