import { expect, it } from "vitest";
import { inQueue, keepQueue, type QueuePlace } from "./last-queue.ts";

const item = (span: string): QueuePlace => ({
  object: { object_type: "experiment", object_id: "e" },
  root: "t",
  span,
  href: `/${span}`,
});

it("knows what stands around an item of the queue that was left, and forgets it with another list", () => {
  keepQueue({ href: "/review", items: [item("a"), item("b"), item("c")] });
  expect(inQueue("e", "t", "b")).toMatchObject({
    previous: { href: "/a" },
    next: { href: "/c" },
    index: 2,
    total: 3,
  });
  expect(inQueue("e", "t", "c")?.next).toBeNull();
  expect(inQueue("other", "t", "b")).toBeNull();
  keepQueue(null);
  expect(inQueue("e", "t", "b")).toBeNull();
});
