/** What is reviewed one after another: rows that a filter finds. The one place that asks the server for them. */
import { get } from "@/api/client.ts";
import type { RowCount } from "@/api/find.ts";
import type { QueuePage } from "@/api/queue.ts";
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

/** In the order of arrival the queue knows all rows of a kind; other orders are those of one object's list of traces. */
export async function itemPage(query: ItemQuery, cursor: string | null): Promise<ItemPage> {
  const { project, kind, objectId, filter, sort } = query;
  if (sort === DEFAULT_SORT) {
    const page = await get<QueuePage>("/api/review/queue", {
      project_id: project,
      kind,
      object_id: objectId,
      filter,
      limit: PAGE,
      cursor,
    });
    const items = page.items.map(({ object_type, object_id, row_id, root_span_id }) => ({
      object: { object_type, object_id },
      row: row_id,
      root: root_span_id,
    }));
    return { items, cursor: page.cursor };
  }
  const object = { object_type: kind, object_id: objectOf(query) };
  const by = filter === "" && sort === "created" ? { order: "oldest" } : { filter, sort };
  const page = await get<TracePage>("/api/trace", { ...object, limit: PAGE, cursor, ...by });
  const items = page.traces.flatMap((trace) =>
    (trace.matched ?? [trace.id]).map((row) => ({ object, row, root: trace.root_span_id })),
  );
  return { items, cursor: page.cursor };
}

/** The one object whose rows are asked for; the logs of a project have its id. `null`: rows of several. */
export function onlyObject({ kind, objectId, project }: ItemQuery): string | null {
  return objectId ?? (kind === "project_logs" ? project : null);
}

function objectOf(query: ItemQuery): string {
  const object = onlyObject(query);
  if (object === null) throw new Error("Rows of several objects come in the order of their arrival only.");
  return object;
}

/** How many items there are, where the server counts them: in one object. */
export async function countItems(query: ItemQuery): Promise<Total | null> {
  const objectId = onlyObject(query);
  if (objectId === null) return null;
  const object = { object_type: query.kind, object_id: objectId };
  const { rows, rows_are } = await get<RowCount>("/api/count", { ...object, filter: query.filter });
  return { count: rows, atLeast: rows_are === "at_least" };
}

export const sameItem = (a: Item, b: Item) => a.row === b.row && a.object.object_id === b.object.object_id;
