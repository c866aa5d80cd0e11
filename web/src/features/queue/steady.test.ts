import { expect, it } from "vitest";
import type { QueueItem } from "@/api/queue.ts";
import { EMPTY, keyOf, steady } from "./steady.ts";

const item = (row_id: string, status: QueueItem["status"] = "awaiting") =>
  ({ object_type: "project_logs", object_id: "p", row_id, status }) as QueueItem;
const ids = (items: readonly QueueItem[]) => items.map((one) => one.row_id).join("");

it("adds the next page and keeps its order", () => {
  const first = steady(EMPTY, [item("c"), item("b")]);
  const second = steady(first, [item("c"), item("b"), item("a")]);
  expect([ids(second.items), second.fresh, second.left.size]).toEqual(["cba", 0, 0]);
});

it("counts what is new instead of showing it, and marks what has left", () => {
  const first = steady(EMPTY, [item("c"), item("b"), item("a")]);
  const second = steady(first, [item("e"), item("d"), item("c"), item("a", "in_progress")]);
  expect([ids(second.items), second.fresh]).toEqual(["cba", 2]);
  expect([...second.left]).toEqual([keyOf(item("b"))]);
  expect(second.items[2]?.status).toBe("in_progress");
});

it("counts everything as new where nothing of it was known", () => {
  const first = steady(EMPTY, [item("a")]);
  expect(steady(first, [item("c"), item("b")])).toMatchObject({
    fresh: 2,
    left: new Set([keyOf(item("a"))]),
  });
});
