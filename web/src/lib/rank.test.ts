import { describe, expect, it } from "vitest";
import { between, moved } from "./rank.ts";

const items = (...positions: (string | null)[]) =>
  positions.map((position, index) => ({ id: String(index), position }));

/** The order after a move. */
function order(list: ReturnType<typeof items>, from: number, to: number): string {
  const places = new Map(moved(list, from, to).map((one) => [one.id, one.position]));
  return list
    .map((one) => ({ id: one.id, position: places.get(one.id) ?? one.position ?? "" }))
    .sort((a, b) => (a.position < b.position ? -1 : 1))
    .map((one) => one.id)
    .join("");
}

describe("a position between two", () => {
  it("sorts between them, again and again", () => {
    let [low, high] = ["i00000", "i0a000"];
    for (let turn = 0; turn < 60; turn += 1) {
      const middle = between(low, high) as string;
      expect(low < middle && middle < high).toBe(true);
      if (turn % 2) low = middle;
      else high = middle;
    }
  });

  it("sorts before the first and after the last", () => {
    const first = between(null, "i00000") as string;
    expect(first < "i00000").toBe(true);
    expect((between("zzzzzz", null) as string) > "zzzzzz").toBe(true);
  });

  it("says when there is no room, or when the text is not one of ours", () => {
    expect(between("a", "a0")).toBeNull();
    expect(between("Ä", "Ö")).toBeNull();
  });
});

describe("moving an item", () => {
  it("changes that one alone", () => {
    const list = items("a", "b", "c", "d");
    expect(moved(list, 3, 1)).toHaveLength(1);
    expect(order(list, 3, 1)).toBe("0312");
    expect(order(list, 0, 3)).toBe("1230");
    expect(order(list, 2, 0)).toBe("2013");
    expect(moved(list, 1, 1)).toEqual([]);
    expect(moved(list, 0, 9)).toEqual([]);
  });

  it("gives all a place where there is no room", () => {
    expect(order(items("a", "a0", "a00"), 2, 1)).toBe("021");
    expect(order(items("a", null, null), 0, 2)).toBe("120");
  });
});
