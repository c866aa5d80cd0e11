import * as A from "@automerge/automerge/slim";
import { expect, test } from "vitest";
import { elsewhere, reviewDoc } from "../test/automerge.ts";
import type { Json, ReviewDoc } from "./document.ts";
import { setExpected, startExpected } from "./edit.ts";
import { JsonRefused, parseJson, toJson, toTree } from "./json-tree.ts";

function expecting(value: Json): A.Doc<ReviewDoc> {
  return A.change(reviewDoc(), (draft) => startExpected(draft, value));
}
const read = (doc: A.Doc<ReviewDoc>) => toJson(doc.expected.value);

test("values come back as they went in, also as scalars", () => {
  const value = {
    answer: "Refund within 14 days, as agreed",
    code: "ok",
    n: 1.5,
    list: [1, "a", null, true],
    deep: { x: {} },
  };
  const doc = expecting(value);
  expect(read(doc)).toEqual(value);
  const tree = doc.expected.value as Record<string, unknown>;
  expect(typeof tree.answer).toBe("string");
  expect(A.isImmutableString(tree.code)).toBe(true);
});

test("edits of different keys at the same moment both stay", () => {
  const base = { a: 1, b: { c: "x", d: [1, 2, 3] }, gone: true };
  const doc = expecting(base);
  const mine = elsewhere(doc, (draft) => setExpected(draft, base, { ...base, a: 2 }));
  const theirs = elsewhere(doc, (draft) =>
    setExpected(draft, base, { a: 1, b: { c: "y", d: [1, 9, 2, 3] } }),
  );
  expect(read(A.merge(mine, theirs))).toEqual({ a: 2, b: { c: "y", d: [1, 9, 2, 3] } });
});

test("prose inside an object merges letter by letter", () => {
  const base = { answer: "the quick fox jumps" };
  const doc = expecting(base);
  const mine = elsewhere(doc, (draft) => setExpected(draft, base, { answer: "the very quick fox jumps" }));
  const theirs = elsewhere(doc, (draft) => setExpected(draft, base, { answer: "the quick fox jumps high" }));
  expect(read(A.merge(mine, theirs))).toEqual({ answer: "the very quick fox jumps high" });
});

test("a key that somebody else added meanwhile survives a local edit made from the older value", () => {
  const base = { a: 1 };
  let doc = expecting(base);
  doc = A.change(doc, (draft) => setExpected(draft, base, { a: 1, theirs: true }));
  doc = A.change(doc, (draft) => setExpected(draft, base, { a: 2 }));
  expect(read(doc)).toEqual({ a: 2, theirs: true });
});

test("equal values make no change, and key order is no difference", () => {
  const doc = expecting({ a: 1, b: 2 });
  const next = elsewhere(doc, (draft) => setExpected(draft, { a: 1, b: 2 }, { b: 2, a: 1 }));
  expect(A.getHeads(next)).toEqual(A.getHeads(doc));
});

test("any edit of any value arrives at exactly the value that was meant", () => {
  let seed = 7;
  const random = (below: number) => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return seed % below;
  };
  const make = (depth: number): Json => {
    const kind = random(depth > 2 ? 5 : 8);
    if (kind === 0) return null;
    if (kind === 1) return random(2) === 0;
    if (kind === 2) return random(1000) / 8;
    if (kind === 3) return ["", "x", "refund the whole amount", "two\nlines"][random(4)] ?? "";
    if (kind === 4) return -random(50);
    if (kind === 5) return Array.from({ length: random(4) }, () => make(depth + 1));
    return Object.fromEntries(
      Array.from({ length: random(4) }, (_, i) => [`k${(i + random(2)) % 4}`, make(depth + 1)]),
    );
  };
  let value = make(0);
  let doc = expecting(value);
  for (let step = 0; step < 150; step++) {
    const next = make(0);
    doc = A.change(doc, (draft) => setExpected(draft, value, next));
    expect(read(doc)).toEqual(next);
    value = next;
  }
});

test("numbers that would lose digits are refused with the way out", () => {
  expect(() => parseJson('{"id": 9007199254740993}')).toThrow(/write it as text, "9007199254740993"/);
  expect(parseJson('{"id": "9007199254740993", "x": 1.5e3}')).toEqual({ id: "9007199254740993", x: 1500 });
  expect(() => toTree({ a: [2 ** 60] })).toThrow(JsonRefused);
  expect(() => toTree(JSON.parse('{"__proto__": 1}') as Json)).toThrow(/__proto__/);
});
