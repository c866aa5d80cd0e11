import { describe, expect, it } from "vitest";
import { readValue, sameJson, valueText } from "./value-text.ts";

describe("a value as text", () => {
  it("is prose or JSON", () => {
    expect(valueText("a\nb")).toBe("a\nb");
    expect(valueText({ a: [1] })).toBe('{\n  "a": [\n    1\n  ]\n}');
    expect(valueText(null)).toBe("");
  });

  it("stays what it was", () => {
    expect(readValue("42", "text", false)).toEqual({ value: "42" });
    expect(readValue("42", 41, false)).toEqual({ value: 42 });
    expect(readValue('{"a": 1}', "text", false)).toEqual({ value: { a: 1 } });
    expect(readValue("{not json", "text", false)).toEqual({ value: "{not json" });
    expect(readValue("new", null, false)).toEqual({ value: "new" });
    expect(readValue("  ", { a: 1 }, false)).toEqual({ value: null });
    expect(readValue("{broken", { a: 1 }, false)).toHaveProperty("problem");
  });

  it("is an object where metadata is meant", () => {
    expect(readValue('{"a": 1}', null, true)).toEqual({ value: { a: 1 } });
    expect(readValue("", { a: 1 }, true)).toEqual({ value: null });
    for (const wrong of ["[1]", "3", "text"]) expect(readValue(wrong, null, true)).toHaveProperty("problem");
  });

  it("is compared without regard to the order of keys", () => {
    expect(sameJson({ a: 1, b: [{ c: null }] }, { b: [{ c: null }], a: 1 })).toBe(true);
    for (const [a, b] of [
      [[1], [1, 2]],
      [{ a: 1 }, { b: 1 }],
      [null, {}],
      [[], {}],
    ] as const)
      expect(sameJson(a as never, b as never)).toBe(false);
  });
});
