/**
 * The traces of one project as the grid sees them: pages by key, in an order that never changes under the
 * hand. New traces are counted and shown on request; rows on screen are refreshed in place. Knows no React.
 */
import type { TraceLine, TracePage } from "@/api/types.ts";

export type Order = "newest" | "oldest";

export interface ListState {
  rows: readonly TraceLine[];
  /** Traces in the project when the list was read. */
  total: number;
  /** Traces that arrived since. */
  fresh: number;
  phase: "first" | "ready" | "more" | "failed";
  error: unknown;
  /** True when every trace is loaded. */
  complete: boolean;
  /** Grows when the list was read anew. */
  epoch: number;
}

/** What a page is asked with; the answer is the server's. */
export interface PageRequest {
  limit: number;
  cursor: string | null;
  order: Order;
}

export const PAGE = 500;
/** A refresh asks for this many rows beyond those on screen, so that a small scroll finds them fresh. */
const REFRESH_SLACK = 20;

interface Page {
  /** What this page was asked with; a refresh asks with it again. */
  cursor: string | null;
  start: number;
}

export class TraceList {
  private readonly fetchPage: (request: PageRequest) => Promise<TracePage>;
  readonly order: Order;
  private readonly listeners = new Set<() => void>();
  private pages: Page[] = [];
  private next: string | null = null;
  private loading: Promise<void> | null = null;
  private index = new Map<string, number>();
  /** Grows with every reset: an answer to an older question is dropped. */
  private generation = 0;
  state: ListState = {
    rows: [],
    total: 0,
    fresh: 0,
    phase: "first",
    error: null,
    complete: false,
    epoch: 0,
  };
  /** Where the reader was: the grid keeps it here for their return. */
  place = { scroll: 0, active: null as string | null };

  constructor(order: Order, fetchPage: (request: PageRequest) => Promise<TracePage>) {
    this.order = order;
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

  /** Loads the next page, if there is one and none is on its way. */
  loadMore(): Promise<void> {
    if (this.loading) return this.loading;
    if (this.state.complete) return Promise.resolve();
    const generation = this.generation;
    const cursor = this.pages.length === 0 ? null : this.next;
    this.change({ phase: this.state.rows.length === 0 ? "first" : "more", error: null });
    this.loading = this.fetchPage({ limit: PAGE, cursor, order: this.order })
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
      rows.push(row);
    }
    this.next = page.cursor;
    const first = this.pages.length === 1;
    this.change({
      rows,
      total: first ? page.total : this.state.total,
      phase: "ready",
      complete: page.cursor === null,
    });
  }

  /** Reads the list anew, with everything that has arrived. What is on screen stays until the answer is here. */
  async reload(): Promise<void> {
    this.generation += 1;
    const generation = this.generation;
    try {
      const page = await this.fetchPage({ limit: PAGE, cursor: null, order: this.order });
      if (generation !== this.generation) return;
      this.pages = [];
      this.index = new Map();
      this.loading = null;
      this.state = { ...this.state, rows: [], fresh: 0, complete: false, epoch: this.state.epoch + 1 };
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
    const generation = this.generation;
    const wanted = this.pages.filter((page, i) => {
      const end = this.pages[i + 1]?.start ?? this.state.rows.length;
      return page.start <= last && end > first;
    });
    for (const page of wanted) {
      // New traces push old ones further down the first page.
      const shift = page.cursor === null && this.order === "newest" ? this.state.fresh : 0;
      const limit = Math.min(1000, Math.max(1, last - page.start + 1 + shift + REFRESH_SLACK));
      try {
        const answer = await this.fetchPage({ limit, cursor: page.cursor, order: this.order });
        if (generation !== this.generation) return;
        this.update(answer);
      } catch {
        return;
      }
    }
  }

  private update(answer: TracePage): void {
    let rows: TraceLine[] | null = null;
    for (const row of answer.traces) {
      const at = this.index.get(row.id);
      if (at === undefined) continue;
      const known = this.state.rows[at];
      if (known && JSON.stringify(known) === JSON.stringify(row)) continue;
      rows ??= [...this.state.rows];
      rows[at] = row;
    }
    const fresh = Math.max(0, answer.total - this.state.total);
    if (rows === null && fresh === this.state.fresh) return;
    this.change({ ...(rows ? { rows } : {}), fresh });
  }
}
