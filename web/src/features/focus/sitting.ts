/**
 * One sitting over a list of items: which is in front, what became of each, how long it takes. The list never
 * changes under the hand: an item that matches the filter no longer stays where it was. Knows no React.
 */
import { type Item, type ItemPage, sameItem, type Total } from "./items.ts";
import { Steps } from "./steps.ts";

/** What became of an item: done, done with an answer that is middling or bad, or passed over. */
export type Mark = "done" | "warn" | "fail" | "skipped";

export interface SittingState {
  items: readonly Item[];
  /** Place of the item in front; as many as there are items when all were passed. */
  at: number;
  /** As it was counted at the beginning; `null` until then. */
  counted: Total | null;
  /** No page is left to load. */
  complete: boolean;
  phase: "loading" | "ready" | "failed";
  error: unknown;
  marks: ReadonlyMap<string, Mark>;
  /** What completed items say about how people agree. */
  agreement: { asked: number; split: readonly { item: Item; name: string }[] };
}

/** Items before the end of what is loaded at which the next page is asked for. */
const AHEAD = 12;
/** Pages that are read to find the place of an item that a link names. */
const SEEK_PAGES = 10;
/** The pace is that of the last few items, whatever came before lunch. */
const PACE_OF = 12;
const PACE_FROM = 3;
/** Longer than this nobody looks at an item: they were away. */
const AWAY_MS = 15 * 60_000;

/** Where items come from. */
export interface ItemSource {
  page: (cursor: string | null) => Promise<ItemPage>;
  /** `null` where the server does not count them. */
  count: () => Promise<Total | null>;
}

export class Sitting {
  readonly steps = new Steps();
  readonly #source: ItemSource;
  readonly #listeners = new Set<() => void>();
  readonly #times: number[] = [];
  #cursor: string | null = null;
  #pages = 0;
  #loading: Promise<void> | null = null;
  #shownAt = 0;
  /** Named by an address and not yet found among the pages. */
  #sought: Item | null = null;
  state: SittingState = {
    items: [],
    at: 0,
    counted: null,
    complete: false,
    phase: "loading",
    error: null,
    marks: new Map(),
    agreement: { asked: 0, split: [] },
  };

  constructor(source: ItemSource) {
    this.#source = source;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  #change(part: Partial<SittingState>): void {
    this.state = { ...this.state, ...part };
    for (const listener of [...this.#listeners]) listener();
  }

  get current(): Item | null {
    return this.state.items[this.state.at] ?? null;
  }

  /** Items in all: counted by the server, or those that are loaded once there are no others. */
  get total(): Total {
    const { items, complete, counted } = this.state;
    if (complete) return { count: items.length, atLeast: false };
    if (!counted) return { count: items.length, atLeast: true };
    return { count: Math.max(counted.count, items.length), atLeast: counted.atLeast };
  }

  /** Items that are neither done nor skipped. */
  get left(): number {
    return Math.max(0, this.total.count - this.state.marks.size);
  }

  /** Asks for the first items and for how many there are. */
  begin(): void {
    void this.loadMore();
    this.#source.count().then(
      (counted) => this.#change({ counted }),
      // Without a count the loaded items are told, as at least so many.
      () => undefined,
    );
  }

  get done(): number {
    return [...this.state.marks.values()].filter((mark) => mark !== "skipped").length;
  }

  get skipped(): readonly Item[] {
    return this.state.items.filter((item) => this.state.marks.get(keyOf(item)) === "skipped");
  }

  mark(item: Item): Mark | undefined {
    return this.state.marks.get(keyOf(item));
  }

  /** Puts an item in front. One that is not in the list yet is shown at once and gets its place when it is found. */
  show(item: Item, now: number): void {
    const at = this.state.items.findIndex((other) => sameItem(other, item));
    if (at >= 0) {
      this.go(at, now);
      return;
    }
    this.#sought = item;
    this.#shownAt = now;
    this.#change({ items: [item, ...this.state.items], at: 0 });
    void this.#seek();
  }

  go(at: number, now: number): void {
    const next = Math.max(0, Math.min(at, this.state.items.length));
    if (next === this.state.at) return;
    this.#shownAt = now;
    this.#change({ at: next });
    if (next > this.state.items.length - AHEAD) void this.loadMore();
  }

  setMark(item: Item, mark: Mark | undefined): void {
    const marks = new Map(this.state.marks);
    if (mark) marks.set(keyOf(item), mark);
    else marks.delete(keyOf(item));
    this.#change({ marks });
  }

  /** The item in front is done: its time counts for the pace, and what its answers say is kept. */
  finish(mark: Mark, answers: { asked: number; split: readonly string[] }, now: number): void {
    const item = this.current;
    if (!item) return;
    const time = now - this.#shownAt;
    if (this.mark(item) === undefined && time < AWAY_MS) this.#times.push(time);
    const { agreement } = this.state;
    const others = agreement.split.filter((one) => !sameItem(one.item, item));
    this.#change({
      agreement: {
        asked: agreement.asked + answers.asked,
        split: [...others, ...answers.split.map((name) => ({ item, name }))],
      },
    });
    this.setMark(item, mark);
  }

  /** Milliseconds that an item takes; `null` until a few are done. */
  get pace(): number | null {
    const last = this.#times.slice(-PACE_OF).sort((a, b) => a - b);
    return last.length < PACE_FROM ? null : (last[Math.floor(last.length / 2)] ?? null);
  }

  /** All the time spent on items that were completed. */
  get spent(): number {
    return this.#times.reduce((sum, time) => sum + time, 0);
  }

  loadMore(): Promise<void> {
    if (this.#loading) return this.#loading;
    if (this.state.complete) return Promise.resolve();
    this.#change({ phase: this.#pages === 0 ? "loading" : this.state.phase, error: null });
    this.#loading = this.#source
      .page(this.#cursor)
      .then((page) => this.#append(page))
      .catch((error: unknown) => this.#change({ phase: "failed", error }))
      .finally(() => {
        this.#loading = null;
        // A page may end because it had looked at enough: whoever waits for an item waits for the next one.
        if (this.current === null && this.state.phase === "ready" && !this.state.complete)
          void this.loadMore();
      });
    return this.#loading;
  }

  #append(page: ItemPage): void {
    this.#cursor = page.cursor;
    this.#pages += 1;
    const front = this.current;
    const sought = this.#sought;
    // It stood before the list only until its place was known.
    const found = sought !== null && page.items.some((item) => sameItem(item, sought));
    if (found) this.#sought = null;
    const kept = found ? this.state.items.filter((item) => !sameItem(item, sought)) : this.state.items;
    const fresh = page.items.filter((item) => !kept.some((other) => sameItem(other, item)));
    const items = [...kept, ...fresh];
    const at = front ? items.findIndex((item) => sameItem(item, front)) : kept.length;
    this.#change({ items, at, complete: page.cursor === null, phase: "ready" });
  }

  /** Reads on until the item that an address names has its place, or is found to be in no near page. */
  async #seek(): Promise<void> {
    while (this.#sought && !this.state.complete && this.#pages < SEEK_PAGES) {
      await this.loadMore();
      if (this.state.phase === "failed") return;
    }
    this.#sought = null;
  }
}

const keyOf = (item: Item) => `${item.object.object_id} ${item.row}`;
