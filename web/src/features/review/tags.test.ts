import { expect, test } from "vitest";
import { effectiveTags, tagState } from "./tags.tsx";

test("changes lie over the logged tags and vanish when they say the same", () => {
  expect(effectiveTags(["a", "b"], { b: false, c: true, a: true })).toEqual(["a", "c"]);
  expect(tagState("a", false, ["a"])).toBe(false);
  expect(tagState("a", true, ["a"])).toBeUndefined();
  expect(tagState("x", true, ["a"])).toBe(true);
  expect(tagState("x", false, ["a"])).toBeUndefined();
});
