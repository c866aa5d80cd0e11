import { expect, it } from "vitest";
import { boardFilter, columnFilter, reasonOf, stepStatus } from "./queue-views.ts";

it("gives every column of the board the conditions that are not about the status", () => {
  const base = boardFilter([
    { text: "review.status in ['awaiting', 'in_progress']", field: "review.status" },
    { text: "tags includes 'late'", field: "tags" },
  ]);
  expect(columnFilter(base, "complete")).toBe("tags includes 'late' and review.status = 'complete'");
  expect(columnFilter("", "awaiting")).toBe("review.status = 'awaiting'");
});

it("moves a review one step, and never beyond the ends", () => {
  expect([stepStatus("awaiting", 1), stepStatus("complete", 1), stepStatus("awaiting", -1)]).toEqual([
    "in_progress",
    null,
    null,
  ]);
  expect(stepStatus("none", 1)).toBe("awaiting");
});

it("says first that the viewer was asked, then who set the status, then who else was asked", () => {
  const asked = { by: "mei", at: "2026-11-24T09:00:00Z" };
  const set = { by: "noor", at: "2026-11-24T08:00:00Z" };
  expect(reasonOf({ status: "awaiting", set, assigned: { me: asked } }, "me")).toMatchObject({
    verb: "Assigned",
    by: "mei",
  });
  expect(reasonOf({ status: "complete", set, assigned: { me: asked } }, "me")).toMatchObject({
    verb: "Completed",
  });
  expect(reasonOf({ status: "none", assigned: { eva: asked } }, "me")).toMatchObject({ verb: "Assigned" });
  expect(reasonOf({ status: "none", assigned: {} }, "me")).toBeNull();
});
