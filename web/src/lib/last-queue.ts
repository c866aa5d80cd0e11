/** The review queue as it was left, so that a trace opened from it knows the items before and after, and the way back. */
import type { ObjectRef } from "@/api/types.ts";

export interface QueuePlace {
  object: ObjectRef;
  root: string;
  span: string;
  /** Address of its trace. */
  href: string;
}

interface LastQueue {
  /** Address of the queue. */
  href: string;
  items: readonly QueuePlace[];
}

let last: LastQueue | null = null;

/** A queue was left for one of its items; another list forgets it. */
export function keepQueue(queue: LastQueue | null): void {
  last = queue;
}

export interface InQueue {
  href: string;
  previous: QueuePlace | null;
  next: QueuePlace | null;
  index: number;
  total: number;
}

/** Where a span stands in the queue that was left last; `null` when it is not of it. */
export function inQueue(objectId: string, root: string, span: string | undefined): InQueue | null {
  if (!last) return null;
  const at = last.items.findIndex(
    (item) =>
      item.object.object_id === objectId && item.root === root && (span === undefined || item.span === span),
  );
  if (at < 0) return null;
  return {
    href: last.href,
    previous: last.items[at - 1] ?? null,
    next: last.items[at + 1] ?? null,
    index: at + 1,
    total: last.items.length,
  };
}
