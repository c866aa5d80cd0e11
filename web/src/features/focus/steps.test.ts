import { expect, test } from "vitest";
import type { ReviewView } from "@/sync/view.ts";
import type { Item } from "./items.ts";
import { type Step, Steps } from "./steps.ts";

const item = (row: string): Item => ({ object: { object_type: "dataset", object_id: "d" }, row, root: null });
/** States of a review; only their identity counts here. */
const [a, b, c] = [{}, {}, {}] as [ReviewView, ReviewView, ReviewView];
const edit = (before: ReviewView, after: ReviewView, at: number, places = ["/scores/Tone"]): Step => ({
  kind: "edit",
  item: item("1"),
  before,
  after,
  places,
  at,
});

test("the last step comes back first, and what was taken back can be done again", () => {
  const steps = new Steps();
  steps.record(edit(a, b, 0));
  steps.record({ kind: "skip", item: item("1") });
  expect(steps.undo()).toMatchObject({ kind: "skip" });
  expect(steps.undo()).toMatchObject({ kind: "edit" });
  expect(steps.undo()).toBeNull();
  expect(steps.redo()).toMatchObject({ kind: "edit" });
  expect(steps.redo()).toMatchObject({ kind: "skip" });
  expect(steps.redo()).toBeNull();
});

test("something new forgets what was taken back", () => {
  const steps = new Steps();
  steps.record(edit(a, b, 0));
  steps.undo();
  steps.record(edit(a, c, 10));
  expect(steps.canRedo).toBe(false);
});

test("a slider that is dragged is one step, two presses at leisure are two", () => {
  const steps = new Steps();
  steps.record(edit(a, b, 0));
  steps.record(edit(b, c, 100));
  expect(steps.undo()).toMatchObject({ before: a, after: c });
  expect(steps.undo()).toBeNull();
  steps.record(edit(a, b, 1000));
  steps.record(edit(b, c, 2000));
  expect(steps.undo()).toMatchObject({ before: b, after: c });
});
