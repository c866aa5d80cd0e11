/** What the review page shows: its tabs, its built-in views, why an item is there. Pure. */
import type { QueueItem } from "@/api/queue.ts";
import type { ObjectType, ReviewStatus } from "@/api/types.ts";
import { allOf, literal } from "@/lib/filter/expression.ts";
import type { ReviewProgress } from "@/live/topics.ts";

export interface Tab {
  kind: ObjectType;
  label: string;
  /** One item of it. */
  noun: string;
}

export const TABS: readonly Tab[] = [
  { kind: "project_logs", label: "Log spans", noun: "span" },
  { kind: "experiment", label: "Experiment spans", noun: "span" },
  { kind: "dataset", label: "Dataset rows", noun: "row" },
];

const OPEN = "review.status in ['awaiting', 'in_progress']";

/** Names and filters of the built-in views. */
export function reviewViews(me: string): { id: string; name: string; filter: string }[] {
  return [
    { id: "default", name: "Default", filter: OPEN },
    { id: "awaiting", name: "Awaiting review", filter: "review.status = 'awaiting'" },
    {
      id: "mine",
      name: "Assigned to me",
      filter: `__bt_assignments includes ${literal(me)} and review.status != 'complete'`,
    },
    { id: "completed", name: "Completed", filter: "review.status = 'complete'" },
  ];
}

export interface Column {
  status: Exclude<ReviewStatus, "none">;
  label: string;
}

/** Columns of the board, in the order of a review's life. */
export const COLUMNS: readonly Column[] = [
  { status: "awaiting", label: "Awaiting" },
  { status: "in_progress", label: "In progress" },
  { status: "complete", label: "Complete" },
];

/** What the board's columns have in common: the conditions of a filter but those on the status, which the columns say. */
export function boardFilter(parts: readonly { text: string; field?: string | null | undefined }[]): string {
  const kept = parts.filter((part) => part.field !== "review.status");
  return allOf(kept.map((part) => part.text));
}

export const columnFilter = (base: string, status: Column["status"]): string =>
  allOf([base, `review.status = '${status}'`]);

/** The status one step on, or back. */
export function stepStatus(status: ReviewStatus, by: 1 | -1): Column["status"] | null {
  const at = COLUMNS.findIndex((column) => column.status === status);
  return COLUMNS[at + by]?.status ?? null;
}

/** Reviews that are still to be done. */
export const openReviews = ({
  awaiting,
  in_progress,
}: Pick<ReviewProgress, "awaiting" | "in_progress">): number => awaiting + in_progress;

export interface Reason {
  verb: "Assigned" | "Flagged" | "Started" | "Completed";
  /** Reviewer key. */
  by: string;
  at: string;
}

const VERBS = { awaiting: "Flagged", in_progress: "Started", complete: "Completed" } as const;

/** Why an item is in the queue: the viewer was asked, else what was last said of its status, else who else was asked. */
export function reasonOf(item: Pick<QueueItem, "status" | "set" | "assigned">, me: string): Reason | null {
  const mine = item.assigned[me];
  if (mine && item.status !== "complete") return { verb: "Assigned", ...mine };
  if (item.set && item.status !== "none") return { verb: VERBS[item.status], ...item.set };
  const [other] = Object.values(item.assigned);
  return other ? { verb: "Assigned", ...other } : null;
}
