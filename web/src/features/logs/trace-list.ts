/**
 * The traces of one place as the grid sees them: pages by key, in an order that never changes under the hand.
 * What arrives is counted and shown on request; rows on screen are refreshed in place, and those that match the
 * filter no longer are marked. Knows no React.
 */

import type { TraceLine, TracePage } from "@/api/types.ts";
import { allOf } from "@/lib/filter/expression.ts";

/** What is listed, and in which order. */
export interface ListQuery {
  /** An expression; empty for everything. */
  filter: string;
  /** `-created`: by time, newest first. */
  sort: string;
}

export interface ListState {
  rows: readonly TraceLine[];
  /** Traces that fit when the list was read. */
  total: number;
  /** True when there are at least that many. */
  more: boolean;
  /** Traces that arrived, or began to match, since. */
  fresh: number;
  /** Ids of rows that were listed and match no longer. */
  left: ReadonlySet<string>;
  phase: "first" | "ready" | "more" | "failed";
  error: unknown;
  /** True when every trace is loaded. */
  complete: boolean;
  /** The last page ended because it had looked at enough: going on is for the reader to decide. */
  cut: boolean;
  /** Only the newest so many were put in order: others might come before some of these. */
  partial: boolean;
  /** Grows when the list was read anew. */
  epoch: number;
}

/** What a page is asked with; the answer is the server's. */
export interface PageRequest {
  limit: number;
  cursor: string | null;
  filter: string;
  sort: string;
}

/** Rows of a page; with a filter fewer, since each has to be found. */
export const PAGE = 500;
const FILTERED_PAGE = 100;
/** A refresh asks for this many rows beyond those on screen, so that a small scroll finds them fresh. */
const REFRESH_SLACK = 20;
/** Rows that are asked about at once whether they still match. */
const ASKED_AGAIN = 50;

interface Page {
  /** What this page was asked with; a refresh asks with it again. */
  cursor: string | null;
  start: number;
}

/** Where a row leads: its trace, at the first span that matches when that is not the root. */
export function matchOf(row: TraceLine): string | undefined {
  const first = row.matched?.[0];
  return first === undefined || row.matched?.includes(row.id) ? undefined : first;
}

const NOTHING: ReadonlySet<string> = new Set();

export class TraceList {
  private readonly fetchPage: (request: PageRequest) => Promise<TracePage>;
  readonly query: ListQuery;
  private readonly listeners = new Set<() => void>();
  private pages: Page[] = [];
  private next: string | null = null;
  private loading: Promise<void> | null = null;
  private index = new Map<string, number>();
  private roots = new Map<string, number>();
  /** Traces that began to match and are not in the list. */
  private entered = new Set<string>();
  /** Grows with every reset: an answer to an older question is dropped. */
  private generation = 0;
  state: ListState = {
    rows: [],
    total: 0,
    more: false,
    fresh: 0,
    left: NOTHING,
    phase: "first",
    error: null,
    complete: false,
    cut: false,
    partial: false,
    epoch: 0,
  };
  /** Where the reader was: the grid keeps it here for their return. */
  place = { scroll: 0, active: null as string | null };

  constructor(query: ListQuery, fetchPage: (request: PageRequest) => Promise<TracePage>) {
    this.query = query;
    this.fetchPage = fetchPage;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  private change(part: Partial<ListState>): void {
    this.state = { ...this.state, ...part };
    for (const listener of [...this.listeners]) listener();
  }

  private get pageSize(): number {
    return this.query.filter === "" ? PAGE : FILTERED_PAGE;
  }

  private ask(cursor: string | null, limit: number, filter = this.query.filter): Promise<TracePage> {
    return this.fetchPage({ limit, cursor, filter, sort: this.query.sort });
  }

  /** Loads the next page, if there is one and none is on its way. */
  loadMore(): Promise<void> {
    if (this.loading) return this.loading;
    if (this.state.complete) return Promise.resolve();
    const generation = this.generation;
    const cursor = this.pages.length === 0 ? null : this.next;
    this.change({ phase: this.pages.length === 0 ? "first" : "more", error: null, cut: false });
    this.loading = this.ask(cursor, this.pageSize)
      .then((page) => {
        if (generation === this.generation) this.append(cursor, page);
      })
      .catch((error: unknown) => {
        if (generation === this.generation) this.change({ phase: "failed", error });
      })
      .finally(() => {
        if (generation === this.generation) this.loading = null;
      });
    return this.loading;
  }

  private append(cursor: string | null, page: TracePage): void {
    const rows = [...this.state.rows];
    this.pages.push({ cursor, start: rows.length });
    for (const row of page.traces) {
      // A trace can move across a page's edge while pages are read; it is shown where it was first.
      if (this.index.has(row.id)) continue;
      this.index.set(row.id, rows.length);
      this.roots.set(row.root_span_id, rows.length);
      rows.push(row);
    }
    this.next = page.cursor;
    const first = this.pages.length === 1;
    this.change({
      rows,
      total: Math.max(first ? page.total : this.state.total, rows.length),
      more: page.cursor !== null && page.total_is === "at_least",
      phase: "ready",
      complete: page.cursor === null,
      cut: page.cut === true && page.cursor !== null && this.query.sort === "-created",
      partial: page.cut === true && this.query.sort !== "-created",
    });
  }

  /** Reads the list anew, with everything that has arrived. What is on screen stays until the answer is here. */
  async reload(): Promise<void> {
    this.generation += 1;
    const generation = this.generation;
    try {
      const page = await this.ask(null, this.pageSize);
      if (generation !== this.generation) return;
      this.pages = [];
      this.index = new Map();
      this.roots = new Map();
      this.entered = new Set();
      this.loading = null;
      const epoch = this.state.epoch + 1;
      this.state = { ...this.state, rows: [], fresh: 0, left: NOTHING, complete: false, error: null, epoch };
      this.append(null, page);
    } catch (error) {
      if (generation === this.generation) {
        this.loading = null;
        this.change({ phase: "failed", error });
      }
    }
  }

  /**
   * Reads the rows from `first` to `last` again and puts what changed in their places. Failures are silent:
   * what is shown stays true as of when it was read, and the next change tries again.
   */
  async refresh(first: number, last: number): Promise<void> {
    if (this.query.filter !== "") return this.refreshMatching(this.state.rows.slice(first, last + 1));
    const generation = this.generation;
    const wanted = this.pages.filter((page, i) => {
      const end = this.pages[i + 1]?.start ?? this.state.rows.length;
      return page.start <= last && end > first;
    });
    for (const page of wanted) {
      // New traces push old ones further down the first page.
      const shift = page.cursor === null && this.query.sort === "-created" ? this.state.fresh : 0;
      const limit = Math.min(1000, Math.max(1, last - page.start + 1 + shift + REFRESH_SLACK));
      try {
        const answer = await this.ask(page.cursor, limit);
        if (generation !== this.generation) return;
        this.update(answer.traces);
        this.countFresh(answer.total - this.state.total);
      } catch {
        return;
      }
    }
  }

  /** Reads certain rows of a filtered list again; those that are not found match no longer. */
  private async refreshMatching(rows: readonly TraceLine[]): Promise<void> {
    const generation = this.generation;
    for (let start = 0; start < rows.length; start += ASKED_AGAIN) {
      const some = rows.slice(start, start + ASKED_AGAIN);
      const ids = some.map((row) => `'${row.root_span_id.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`);
      try {
        const filter = allOf([this.query.filter, `root_span_id in (${ids.join(", ")})`]);
        const answer = await this.ask(null, some.length, filter);
        if (generation !== this.generation) return;
        if (answer.cursor !== null && answer.traces.length < some.length) return;
        this.update(answer.traces);
        const there = new Set(answer.traces.map((trace) => trace.root_span_id));
        this.mark(
          some.filter((row) => !there.has(row.root_span_id)),
          some.filter((row) => there.has(row.root_span_id)),
        );
      } catch {
        return;
      }
    }
  }

  private mark(gone: readonly TraceLine[], back: readonly TraceLine[]): void {
    const changed =
      gone.some((row) => !this.state.left.has(row.id)) || back.some((row) => this.state.left.has(row.id));
    if (!changed) return;
    const left = new Set(this.state.left);
    for (const row of gone) left.add(row.id);
    for (const row of back) left.delete(row.id);
    this.change({ left });
  }

  /** Spans began to match: their traces are counted until they are asked for; those on screen are read again. */
  enter(roots: readonly string[]): void {
    const known = roots.filter((root) => this.roots.has(root));
    for (const root of roots) if (!this.roots.has(root)) this.entered.add(root);
    this.countFresh(this.entered.size);
    this.again(known);
  }

  /** Spans of these traces match no longer: the rows are read again, and marked where no other span matches. */
  leave(roots: readonly string[]): void {
    for (const root of roots) this.entered.delete(root);
    this.countFresh(this.entered.size);
    this.again(roots);
  }

  /** Reads the rows of these traces again, where the list has them. */
  again(roots: readonly string[]): void {
    const rows = [...new Set(roots)].flatMap((root) => this.state.rows[this.roots.get(root) ?? -1] ?? []);
    if (rows.length > 0) void this.refreshMatching(rows);
  }

  /** The rows of a trace in the list by one of its matching spans. */
  rootsOf(rowIds: readonly string[]): string[] {
    const wanted = new Set(rowIds);
    return this.state.rows
      .filter((row) => wanted.has(row.id) || row.matched?.some((id) => wanted.has(id)))
      .map((row) => row.root_span_id);
  }

  /** The traces before and after one in the list, and its place; `null` where the list does not hold it. */
  around(root: string): { previous: TraceLine | null; next: TraceLine | null; index: number } | null {
    const at = this.roots.get(root);
    if (at === undefined) return null;
    const { rows } = this.state;
    return { previous: rows[at - 1] ?? null, next: rows[at + 1] ?? null, index: at + 1 };
  }

  private countFresh(fresh: number): void {
    const counted = Math.max(0, fresh);
    if (counted !== this.state.fresh) this.change({ fresh: counted });
  }

  private update(traces: readonly TraceLine[]): void {
    let rows: TraceLine[] | null = null;
    for (const row of traces) {
      const at = this.index.get(row.id);
      if (at === undefined) continue;
      const known = this.state.rows[at];
      if (known && JSON.stringify(known) === JSON.stringify(row)) continue;
      rows ??= [...this.state.rows];
      rows[at] = row;
    }
    if (rows) this.change({ rows });
  }
}
