/** The review queue of a project: what is to be reviewed, how far that has come, who is on what. */
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { get, post, request } from "./client.ts";
import { changeMany } from "./find.ts";
import type { components } from "./schema.ts";
import type { ObjectRef, ObjectType, ReviewStatus } from "./types.ts";

type Schemas = components["schemas"];

/** A row that may be reviewed. */
export type QueueItem = Schemas["QueueItem"];
export type QueuePage = Schemas["ReviewQueue"];

/** Items of a page: a screen and a half. */
const PAGE = 50;

/** Rows of a project that a filter matches, over all objects of a kind or in one of them. */
export interface QueueQuery {
  project_id: string;
  kind: ObjectType;
  object_id?: string | undefined;
  filter: string;
}

const page = (query: QueueQuery, cursor: string | null, limit: number, signal?: AbortSignal) =>
  get<QueuePage>("/api/review/queue", { ...query, limit, cursor }, signal);

/** The kind and project come first in the key, so that all lists of one kind can be asked for again at once. */
export const queueQuery = (query: QueueQuery) =>
  infiniteQueryOptions({
    queryKey: ["queue", query.project_id, query.kind, query.object_id ?? "", query.filter],
    queryFn: ({ pageParam, signal }) => page(query, pageParam, PAGE, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.cursor,
    staleTime: 5_000,
  });

/** Most rows that one change means, as on the server. */
const MOST = 10_000;
const LONGEST_PAGE = 500;

/** Every row of a queue, for a change of all of them; at most as many as one change may mean. */
export async function wholeQueue(query: QueueQuery): Promise<QueueItem[]> {
  const items: QueueItem[] = [];
  let cursor: string | null = null;
  do {
    const next: QueuePage = await page(query, cursor, LONGEST_PAGE);
    items.push(...next.items);
    cursor = next.cursor;
  } while (cursor !== null && items.length < MOST);
  return items;
}

export type ReviewCounts = Schemas["ReviewCounts"];

export const reviewCountsQuery = (projectId: string) =>
  queryOptions({
    queryKey: ["review-counts", projectId],
    queryFn: ({ signal }) => get<ReviewCounts>("/api/review/counts", { project_id: projectId }, signal),
    staleTime: 5_000,
  });

const refOf = ({ object_type, object_id }: ObjectRef): ObjectRef => ({ object_type, object_id });

/** Does one thing to rows of several objects. */
export async function changeItems(
  items: readonly QueueItem[],
  change: Parameters<typeof changeMany>[2],
): Promise<number> {
  const byObject = new Map<string, { object: ObjectRef; row_ids: string[] }>();
  for (const item of items) {
    const held = byObject.get(item.object_id) ?? { object: refOf(item), row_ids: [] };
    held.row_ids.push(item.row_id);
    byObject.set(item.object_id, held);
  }
  let changed = 0;
  for (const { object, row_ids } of byObject.values()) {
    changed += (await changeMany(object, { row_ids }, change)).changed;
  }
  return changed;
}

/** Puts each row back to where its review stood. */
export async function restoreStatuses(items: readonly QueueItem[]): Promise<void> {
  for (const status of new Set(items.map((item) => item.status))) {
    await changeItems(
      items.filter((item) => item.status === status),
      { status: status as ReviewStatus },
    );
  }
}

export interface HeldRow {
  holder: { id: string; name: string; until: string } | null;
  yours: boolean;
}

type Row = ObjectRef & { row_id: string };

/** Says that the viewer is on a row, for a quarter of an hour; repeated, it lasts longer. */
export const holdRow = ({ object_type, object_id, row_id }: Row) =>
  post<HeldRow>("/api/review/hold", { object_type, object_id, row_id });

/** Gives it back. */
export const giveBackRow = ({ object_type, object_id, row_id }: Row) =>
  request<HeldRow>("DELETE", "/api/review/hold", { body: { object_type, object_id, row_id } });
