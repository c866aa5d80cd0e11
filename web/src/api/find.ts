/** Finding: filters and what completes them, saved views, volume, counts, changes of many rows. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { FieldKind } from "@/lib/filter/complete.ts";
import { get, patch, post, request } from "./client.ts";
import type { Json, ObjectRef, ReviewStatus } from "./types.ts";

/** A field that filters know here. */
export interface FieldInfo {
  path: string;
  label: string;
  kind: FieldKind;
  group: string;
  /** With what people call them, where that is something else. */
  values?: { value: string | number | boolean; label?: string; count?: number }[];
}

/** One condition of a filter; with field and operator when it can be read as one chip. */
export interface FilterPart {
  text: string;
  field?: string;
  operator?: string;
  value?: Json;
}

export interface ParsedFilter {
  /** The whole in the language's own form. */
  expression: string;
  parts: FilterPart[];
  /** What is allowed and probably not meant. */
  warnings?: { message: string }[];
}

export interface EnglishFilter extends ParsedFilter {
  by: "grammar" | "model";
}

export const fieldsQuery = (object: ObjectRef) =>
  queryOptions({
    queryKey: ["filter-fields", object.object_id],
    queryFn: async ({ signal }) =>
      (await get<{ fields: FieldInfo[] }>("/api/filter/fields", { ...object }, signal)).fields,
    staleTime: 60_000,
  });

/** Reads an expression; an `ApiError` with `position` says what is wrong and where. */
export const parseFilter = (object: ObjectRef, text: string): Promise<ParsedFilter> =>
  post("/api/filter/parse", { ...object, text });

export const partsQuery = (object: ObjectRef, text: string) =>
  queryOptions({
    queryKey: ["filter-parts", object.object_id, text],
    queryFn: () => parseFilter(object, text),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
    placeholderData: keepPreviousData,
  });

/** Reads English; a 422 says what was not understood and what would be. */
export const readEnglish = (object: ObjectRef, text: string): Promise<EnglishFilter> =>
  post("/api/filter/english", { ...object, text });

export interface FacetValue {
  value: string | number | boolean | null;
  count: number;
}

export interface Facet {
  field: string;
  values: FacetValue[];
  more: boolean;
}

/** Values of one field among the rows of a filter, the most frequent first. */
export const facetQuery = (object: ObjectRef, filter: string, field: string) =>
  queryOptions({
    queryKey: ["facet", object.object_id, filter, field],
    queryFn: async ({ signal }) => {
      const answer = await get<{ facets: Facet[]; counts: "exact" | "sampled" }>(
        "/api/facet",
        { ...object, filter, field },
        signal,
      );
      return { ...(answer.facets[0] ?? { field, values: [], more: false }), counts: answer.counts };
    },
    staleTime: 10_000,
    retry: false,
  });

export interface Volume {
  from: string;
  to: string;
  /** Length of a bucket. */
  seconds: number;
  buckets: { at: string; rows: number; errors: number }[];
  counts: "exact" | "sampled";
}

export const volumeQuery = (object: ObjectRef, filter: string, buckets: number) =>
  queryOptions({
    queryKey: ["volume", object.object_id, filter, buckets],
    queryFn: ({ signal }) => get<Volume>("/api/histogram", { ...object, filter, buckets }, signal),
    staleTime: 10_000,
    placeholderData: keepPreviousData,
    retry: false,
  });

export interface RowCount {
  rows: number;
  traces: number;
  rows_are: "exact" | "at_least";
}

export const countQuery = (object: ObjectRef, filter: string) =>
  queryOptions({
    queryKey: ["count", object.object_id, filter],
    queryFn: ({ signal }) => get<RowCount>("/api/count", { ...object, filter }, signal),
    staleTime: 10_000,
    retry: false,
  });

/** What is done to the reviews of many rows at once. */
export interface BulkChange {
  status?: ReviewStatus;
  assign?: string[];
  unassign?: string[];
  tags?: { add?: string[]; remove?: string[] };
}

export type BulkTarget = { row_ids: string[] } | { filter: string };

export const changeMany = (object: ObjectRef, target: BulkTarget, change: BulkChange) =>
  post<{ changed: number }>("/api/review/bulk", { ...object, ...target, ...change });

/** How a list is laid out, as a view keeps it. */
export interface ListLayout {
  /** By column; others follow the default. */
  columnVisibility?: Record<string, boolean>;
  /** Columns in their order; others come after them in the default order. */
  columnOrder?: string[];
  /** Pixels. */
  columnSizing?: Record<string, number>;
  rowHeight?: "compact" | "default" | "relaxed";
  /** Rows as cards in columns by where their review stands. */
  board?: boolean;
}

export interface SavedView {
  id: string;
  name: string;
  object_type: string;
  object_id: string;
  view_type: string | null;
  created: string;
  user_id: string | null;
  view_data: {
    search?: { filter?: { text: string; label?: string }[] | null; sort?: { text: string }[] | null } | null;
  } | null;
  options: { viewType?: string; personal?: boolean; options?: ListLayout | null } | null;
}

/** What the views of a list are filed under. */
export interface Shelf {
  object_type: string;
  object_id: string;
  view_type: string;
}

/** Of the list of an object. */
export function listShelf(object: ObjectRef): Shelf {
  const logs = object.object_type === "project_logs";
  return {
    object_type: logs ? "project_log" : object.object_type,
    object_id: object.object_id,
    view_type: logs ? "logs" : object.object_type,
  };
}

const REVIEW_VIEWS = {
  project_logs: "for_review_project_log",
  experiment: "for_review_experiments",
  dataset: "for_review_datasets",
} as const;

/** Of a project's review page, which has a list for each kind of object. */
export const reviewShelf = (projectId: string, kind: ObjectRef["object_type"]): Shelf => ({
  object_type: "project",
  object_id: projectId,
  view_type: REVIEW_VIEWS[kind],
});

export const viewsQuery = (shelf: Shelf) =>
  queryOptions({
    queryKey: ["views", shelf.object_id, shelf.view_type],
    queryFn: async ({ signal }) => {
      const answer = await get<{ objects: SavedView[] }>("/v1/view", { ...shelf, limit: 1000 }, signal);
      return answer.objects.sort((a, b) => a.name.localeCompare(b.name));
    },
    staleTime: 15_000,
  });

/** What a view keeps. */
export interface ViewContent {
  name: string;
  filter: string;
  sort: string;
  layout: ListLayout;
  personal: boolean;
}

function body(shelf: Shelf, content: ViewContent) {
  return {
    ...shelf,
    name: content.name,
    view_data: {
      search: {
        filter: content.filter === "" ? [] : [{ text: content.filter }],
        sort: content.sort === "" ? [] : [{ text: content.sort }],
      },
    },
    options: {
      viewType: content.layout.board ? "kanban" : "table",
      personal: content.personal,
      options: content.layout,
    },
  };
}

export const createView = (shelf: Shelf, content: ViewContent) =>
  post<SavedView>("/v1/view", body(shelf, content));

export const changeView = (shelf: Shelf, id: string, content: ViewContent) =>
  patch<SavedView>(`/v1/view/${id}`, body(shelf, content));

export const deleteView = ({ object_type, object_id }: Shelf, id: string) => {
  return request<SavedView>("DELETE", `/v1/view/${id}`, { body: { object_type, object_id } });
};
