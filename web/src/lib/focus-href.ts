/** Addresses of the focused review: a list of rows, one of them, and a question of it. */
import { defaultStringifySearch } from "@tanstack/react-router";
import type { ObjectRef, ObjectType } from "@/api/types.ts";
import { DEFAULT_SORT } from "./list-search.ts";

export interface FocusSearch {
  kind: ObjectType;
  /** The experiment or dataset; absent: everything of that kind in the project. */
  oid?: string;
  /** An expression; every row that it holds for is an item. */
  f?: string;
  /** As lists have it; newest first unless told. */
  sort?: string;
  /** Row and object of the item in front. */
  r?: string;
  o?: string;
  /** Id of a score. */
  q?: string;
}

const KINDS: readonly ObjectType[] = ["project_logs", "experiment", "dataset"];

/** Reads the parameters of an address; a kind that is none means logs. */
export function readFocusSearch(search: Record<string, unknown>): FocusSearch {
  const text = (name: string) => {
    const value = search[name];
    return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
  };
  const kind = KINDS.find((one) => one === search.kind) ?? "project_logs";
  const rest = (["oid", "f", "sort", "r", "o", "q"] as const).flatMap((name) => {
    const value = text(name);
    return value ? [[name, value] as const] : [];
  });
  return { kind, ...Object.fromEntries(rest) };
}

/** Rows of a list without a filter: a trace is reviewed by its root. */
const ROOTS = "is_root";

/** What a list of traces shows, as the focused review takes it. */
export function focusOfList(object: ObjectRef, filter: string, sort: string): FocusSearch {
  const records = object.object_type === "dataset";
  return {
    kind: object.object_type,
    oid: object.object_id,
    ...(filter !== "" ? { f: filter } : records ? {} : { f: ROOTS }),
    ...(sort === DEFAULT_SORT ? {} : { sort }),
  };
}

export function focusHref(org: string, project: string, search: FocusSearch): string {
  const path = `/app/${encodeURIComponent(org)}/p/${encodeURIComponent(project)}/focus`;
  return path + defaultStringifySearch({ ...search });
}
