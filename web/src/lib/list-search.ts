/** What the address of a list says: its view, and where it differs from that view. Pure. */
import type { ListLayout } from "@/api/find.ts";

export interface ListSearch {
  /** Id of a built-in or saved view. */
  view?: string;
  /** An expression; the empty text is no filter where the view has one. */
  filter?: string;
  /** `-duration`: by duration, largest first. */
  sort?: string;
  layout?: ListLayout;
}

/** Newest first. */
export const DEFAULT_SORT = "-created";

const text = (value: unknown): string | undefined =>
  ["string", "number", "boolean"].includes(typeof value) ? String(value) : undefined;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function pick<T>(record: unknown, check: (value: unknown) => value is T): Record<string, T> | undefined {
  if (!isRecord(record)) return undefined;
  const kept = Object.entries(record).filter((entry): entry is [string, T] => check(entry[1]));
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

const ROW_HEIGHTS = ["compact", "default", "relaxed"] as const;

/** A layout as far as it can be understood: addresses and views may come from anywhere. */
export function readLayout(value: unknown): ListLayout {
  if (!isRecord(value)) return {};
  const visibility = pick(value.columnVisibility, (one) => typeof one === "boolean");
  const sizing = pick(
    value.columnSizing,
    (one): one is number => typeof one === "number" && one >= 40 && one <= 1200,
  );
  const order = Array.isArray(value.columnOrder)
    ? value.columnOrder.filter((one): one is string => typeof one === "string")
    : [];
  const rowHeight = ROW_HEIGHTS.find((one) => one === value.rowHeight);
  return {
    ...(visibility ? { columnVisibility: visibility } : {}),
    ...(order.length > 0 ? { columnOrder: order } : {}),
    ...(sizing ? { columnSizing: sizing } : {}),
    ...(rowHeight ? { rowHeight } : {}),
    ...(value.board === true ? { board: true } : {}),
  };
}

/** Reads the parameters of an address. */
export function readListSearch(search: Record<string, unknown>): ListSearch {
  const [view, filter] = [text(search.view), text(search.filter)];
  // Addresses from before there were sorts.
  const sort = text(search.sort) ?? (search.order === "oldest" ? "created" : undefined);
  const layout = search.layout === undefined ? undefined : readLayout(search.layout);
  return {
    ...(view ? { view } : {}),
    ...(filter !== undefined ? { filter } : {}),
    ...(sort ? { sort } : {}),
    ...(layout ? { layout } : {}),
  };
}

/** A view's sort as text, such as `duration desc`, to the short form; what is not understood is newest first. */
export function sortOfText(said: string | undefined): string {
  const found = /^\s*-?([\p{L}\p{N}_."' ]+?)(?:\s+(asc|desc))?\s*$/iu.exec(said ?? "");
  const key = found?.[1];
  if (!key) return DEFAULT_SORT;
  const descending = found[2] ? found[2].toLowerCase() === "desc" : (said ?? "").trim().startsWith("-");
  return descending ? `-${key}` : key;
}

/** The other way. */
export function textOfSort(sort: string): string {
  return sort.startsWith("-") ? `${sort.slice(1)} desc` : `${sort} asc`;
}
