import { expect, test } from "vitest";
import { JsonBuffer, pretty } from "./json-buffer.ts";

test("valid text becomes a difference, invalid text waits", () => {
  const buffer = new JsonBuffer({ a: 1 });
  expect(buffer.typed('{"a": 1}')).toEqual({ kind: "same" });
  expect(buffer.typed('{"a": 1,')).toMatchObject({ kind: "invalid" });
  expect(buffer.dirty).toBe(true);
  expect(buffer.typed('{"a": 2}')).toEqual({ kind: "write", base: { a: 1 }, next: { a: 2 } });
  expect(buffer.written({ a: 2, theirs: 1 }, '{"a": 2}')).toBe(pretty({ a: 2, theirs: 1 }));
  expect(buffer.dirty).toBe(false);
});

test("changes of others wait for unfinished text, then both are kept", () => {
  const buffer = new JsonBuffer({ a: 1, b: 1 });
  buffer.typed('{"a": 5, "b": 1');
  expect(buffer.arrived({ a: 1, b: 9 }, '{"a": 5, "b": 1')).toBeNull();
  // The difference is taken from what the person saw, so that b is not touched.
  expect(buffer.typed('{"a": 5, "b": 1}')).toEqual({
    kind: "write",
    base: { a: 1, b: 1 },
    next: { a: 5, b: 1 },
  });
  expect(buffer.written({ a: 5, b: 9 }, '{"a": 5, "b": 1}')).toBe(pretty({ a: 5, b: 9 }));
});

test("a text that only differs in form is left as it is", () => {
  const buffer = new JsonBuffer({ a: 1 });
  expect(buffer.arrived({ a: 2 }, '{ "a" : 2 }')).toBeNull();
});

test("numbers that would lose digits are refused with the way out", () => {
  expect(new JsonBuffer(null).typed("[9007199254740993]")).toMatchObject({
    kind: "invalid",
    message: expect.stringContaining("2^53"),
  });
  expect(new JsonBuffer(null).typed("  ")).toMatchObject({
    kind: "invalid",
    message: expect.stringContaining("Empty"),
  });
});
