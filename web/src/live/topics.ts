/** What can be followed on `/live` as one value: the shape of each, and how an update changes a snapshot. Pure. */
import type { ObjectType } from "@/api/types.ts";
import { applyUpdate, type Metrics, type MetricsUpdate } from "./metrics.ts";

/** How far the reviews of one kind of rows have come. */
export interface ReviewProgress {
  awaiting: number;
  in_progress: number;
  complete: number;
  /** Rows that are not complete, by the member to whom they are assigned. */
  waiting: Record<string, number>;
}

export type ReviewCounts = Record<ObjectType, ReviewProgress>;

/** A row, as holds name it. */
export interface HeldPlace {
  object_type: ObjectType;
  object_id: string;
  row_id: string;
}

/** Who is on a row right now; in nobody's way. */
export interface Holder {
  id: string;
  name: string;
  until: string;
}

export interface Holds {
  holds: (HeldPlace & { holder: Holder })[];
}

/** Whether the viewer was told something. */
export interface Inbox {
  unread: number;
  /** `rows` grows while more of the same comes. */
  newest: { id: string; rows: number } | null;
}

export type ValueTopic =
  | { kind: "metrics"; object_type: string; object_id: string }
  | { kind: "reviews"; project_id: string }
  | { kind: "holds"; project_id: string }
  | { kind: "inbox" };

/** What each topic says. */
export interface ValueOf {
  metrics: Metrics;
  reviews: ReviewCounts;
  holds: Holds;
  inbox: Inbox;
}

/** Rows that wait for a member, over all kinds. */
export function waitingFor(counts: ReviewCounts | null, member: string): number {
  return Object.values(counts ?? {}).reduce((sum, progress) => sum + (progress.waiting[member] ?? 0), 0);
}

const samePlace = (a: HeldPlace, b: HeldPlace): boolean =>
  a.row_id === b.row_id && a.object_id === b.object_id && a.object_type === b.object_type;

function applyHolds(snapshot: Holds, change: { set?: Holds["holds"]; gone?: HeldPlace[] }): Holds {
  const { set = [], gone = [] } = change;
  const touched = [...set, ...gone];
  const kept = snapshot.holds.filter((hold) => !touched.some((place) => samePlace(place, hold)));
  return { holds: [...kept, ...set] };
}

/** The value after an update: everything but holds sends whole values of its top level. */
export function applyTo(kind: ValueTopic["kind"], snapshot: unknown, change: unknown): unknown {
  switch (kind) {
    case "metrics":
      return applyUpdate(snapshot as Metrics, change as MetricsUpdate);
    case "holds":
      return applyHolds(snapshot as Holds, change as Parameters<typeof applyHolds>[1]);
    case "reviews":
    case "inbox":
      return { ...(snapshot as object), ...(change as object) };
  }
}
