import { expect, test } from "vitest";
import type { Item, ItemPage } from "./items.ts";
import { Sitting } from "./sitting.ts";

const item = (row: string): Item => ({
  object: { object_type: "project_logs", object_id: "p" },
  row,
  root: row,
});

const count = async () => ({ count: 5, atLeast: false });

/** A list of rows in pages. */
function sitting(pages: string[][]): Sitting {
  const page = async (cursor: string | null): Promise<ItemPage> => {
    const at = Number(cursor ?? 0);
    return {
      items: (pages[at] ?? []).map(item),
      cursor: at + 1 < pages.length ? String(at + 1) : null,
    };
  };
  return new Sitting({ page, count });
}
const rows = ({ state }: Sitting) => state.items.map(({ row }) => row).join("");
const quiet = { asked: 0, split: [] };

test("goes on into the next page, and past the last item it is over", async () => {
  const list = sitting([["a", "b"], ["c"]]);
  await list.loadMore();
  expect(list.current?.row).toBe("a");
  list.go(1, 0);
  await list.loadMore();
  expect(rows(list)).toBe("abc");
  list.go(3, 0);
  expect(list.current).toBeNull();
  expect(list.state.complete).toBe(true);
});

test("pages without items are passed over", async () => {
  const list = sitting([[], [], ["a"]]);
  list.begin();
  await expect.poll(() => list.current?.row).toBe("a");
});

test("an item that a link names is in front at once and gets its place when its page is read", async () => {
  const list = sitting([["a", "b"], ["c", "d"], ["e"]]);
  list.show(item("d"), 0);
  expect(list.current?.row).toBe("d");
  await expect.poll(() => rows(list)).toBe("abcd");
  expect(list.current?.row).toBe("d");
  expect(list.state.at).toBe(3);
});

test("an item that the list does not hold stays before it", async () => {
  const list = sitting([["a", "b"]]);
  list.show(item("x"), 0);
  await expect.poll(() => rows(list)).toBe("xab");
  expect(list.state.at).toBe(0);
  list.go(1, 0);
  list.show(item("b"), 0);
  expect(list.current?.row).toBe("b");
});

test("done and skipped are told apart, and the pace is the middle of the last items", async () => {
  const list = sitting([["a", "b", "c", "d", "e"]]);
  await list.loadMore();
  list.setMark(item("a"), "skipped");
  list.go(1, 1000);
  let now = 1000;
  for (const [at, seconds] of [
    [2, 10],
    [3, 40],
    [4, 20],
  ] as const) {
    expect(list.pace).toBeNull();
    now += seconds * 1000;
    list.finish("done", quiet, now);
    list.go(at, now);
  }
  expect(list.pace).toBe(20_000);
  expect(list.done).toBe(3);
  expect(list.left).toBe(1);
  expect(list.skipped.map(({ row }) => row)).toEqual(["a"]);
});

test("the total is what was counted until everything is loaded", async () => {
  const list = sitting([["a", "b"], ["c"]]);
  list.begin();
  await expect.poll(() => list.total).toEqual({ count: 5, atLeast: false });
  list.go(1, 0);
  await expect.poll(() => list.total).toEqual({ count: 3, atLeast: false });
});

test("a failed page is told and tried again", async () => {
  let broken = true;
  const page = async () => {
    if (broken) throw new Error("no network");
    return { items: [item("a")], cursor: null };
  };
  const list = new Sitting({ page, count });
  await list.loadMore();
  expect(list.state.phase).toBe("failed");
  broken = false;
  await list.loadMore();
  expect(list.state).toMatchObject({ phase: "ready", complete: true });
});
