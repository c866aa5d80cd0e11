/** What was done, to take it back and do it again; across items. Pure: time comes in. */
import type { ReviewView } from "@/sync/view.ts";
import type { Item } from "./items.ts";

export type Step =
  | {
      kind: "edit";
      item: Item;
      before: ReviewView;
      after: ReviewView;
      /** Pointers of what changed. */
      places: readonly string[];
      at: number;
    }
  | { kind: "skip"; item: Item };

/** More than a day's work nobody takes back; a step holds two readings of its review. */
const MOST = 500;
/** A slider that is dragged writes again and again: what comes this soon to the same place is one step. */
const BURST_MS = 400;

export class Steps {
  #done: Step[] = [];
  #undone: Step[] = [];

  get canUndo(): boolean {
    return this.#done.length > 0;
  }

  get canRedo(): boolean {
    return this.#undone.length > 0;
  }

  record(step: Step): void {
    const last = this.#done[this.#done.length - 1];
    const burst =
      last?.kind === "edit" &&
      step.kind === "edit" &&
      this.#undone.length === 0 &&
      last.item.row === step.item.row &&
      step.at - last.at < BURST_MS &&
      last.places.join() === step.places.join() &&
      last.after === step.before;
    this.#undone = [];
    if (burst) this.#done[this.#done.length - 1] = { ...step, before: last.before };
    else this.#done = [...this.#done, step].slice(-MOST);
  }

  /** The last step, which counts as taken back from now on. */
  undo(): Step | null {
    const step = this.#done.pop() ?? null;
    if (step) this.#undone.push(step);
    return step;
  }

  /** The step that was taken back last, which counts as done again. */
  redo(): Step | null {
    const step = this.#undone.pop() ?? null;
    if (step) this.#done.push(step);
    return step;
  }
}
