/** What is reviewed one after another: rows that a filter finds. The one place that asks the server for them. */
import { get } from "@/api/client.ts";
import type { RowCount } from "@/api/find.ts";
import type { ObjectRef, ObjectType, TracePage } from "@/api/types.ts";
import { DEFAULT_SORT } from "@/lib/list-search.ts";

/** One row to review. */
export interface Item {
  object: ObjectRef;
  row: string;
  /** Its trace, as far as it is known before the row is read. */
  root: string | null;
}

export interface ItemQuery {
  project: string;
  kind: ObjectType;
  /** The experiment or dataset; `null` for all of that kind. */
  objectId: string | null;
  filter: string;
  sort: string;
}

export interface Total {
  count: number;
  atLeast: boolean;
}

export interface ItemPage {
  items: Item[];
  cursor: string | null;
}

/** Items of one answer: enough for some minutes of work. */
const PAGE = 50;

export async function itemPage(query: ItemQuery, cursor: string | null): Promise<ItemPage> {
  const objectId = objectOf(query);
  const object = { object_type: query.kind, object_id: objectId };
  const order = query.sort === "created" ? "oldest" : "newest";
  const plain = query.filter === "" && ["created", DEFAULT_SORT].includes(query.sort);
  const page = await get<TracePage>("/api/trace", {
    ...object,
    limit: PAGE,
    cursor,
    ...(plain ? { order } : { filter: query.filter, sort: query.sort === DEFAULT_SORT ? null : query.sort }),
  });
  const items = page.traces.flatMap((trace) =>
    (trace.matched ?? [trace.id]).map((row) => ({ object, row, root: trace.root_span_id })),
  );
  return { items, cursor: page.cursor };
}

/** The object that is asked; the logs of a project have its id. */
export function objectOf({ kind, objectId, project }: ItemQuery): string {
  if (objectId !== null) return objectId;
  if (kind !== "project_logs") throw new Error("name the experiment or dataset whose rows are reviewed");
  return project;
}

/** How many items there are, as far as the server counts. */
export async function countItems(query: ItemQuery): Promise<Total> {
  const object = { object_type: query.kind, object_id: objectOf(query) };
  const { rows, rows_are } = await get<RowCount>("/api/count", { ...object, filter: query.filter });
  return { count: rows, atLeast: rows_are === "at_least" };
}

export const sameItem = (a: Item, b: Item) => a.row === b.row && a.object.object_id === b.object.object_id;
