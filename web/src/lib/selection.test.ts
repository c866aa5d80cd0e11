import { expect, it } from "vitest";
import { extend, isEmpty, isSelected, NO_SELECTION, toggle } from "./selection.ts";

const rows = ["a", "b", "c", "d"].map((id) => ({ id }));

it("takes rows in and out, and ranges from the last one touched", () => {
  let selection = toggle(NO_SELECTION, "a", 0);
  selection = extend(selection, rows, 2);
  expect([...selection.ids]).toEqual(["a", "b", "c"]);
  selection = toggle(selection, "b", 1);
  expect([...selection.ids]).toEqual(["a", "c"]);
  expect(isEmpty(toggle(toggle(NO_SELECTION, "a", 0), "a", 0))).toBe(true);
});

it("begins anew when a row is taken out of all that match", () => {
  const all = { ...NO_SELECTION, all: true };
  expect(isSelected(all, "not loaded")).toBe(true);
  expect(toggle(all, "c", 2)).toEqual({ ids: new Set(["c"]), all: false, anchor: 2 });
});
