import * as A from "@automerge/automerge/slim";
import { expect, test } from "vitest";
import { elsewhere, reviewDoc } from "../test/automerge.ts";
import * as edit from "./edit.ts";
import { ReviewReader } from "./view.ts";

test("parts that did not change are the same objects", () => {
  const reader = new ReviewReader();
  let doc = A.change(reviewDoc(["me", "noor"]), (draft) => edit.setScore(draft, "noor", "Tone", 0.5));
  const before = reader.read(doc);
  doc = A.change(doc, (draft) => edit.setScore(draft, "me", "Tone", 1));
  const after = reader.read(doc);
  expect(after).not.toBe(before);
  expect(after.scores.noor).toBe(before.scores.noor);
  expect(after.comments).toBe(before.comments);
  expect(after.expected).toBe(before.expected);
  expect(reader.read(doc)).toBe(after);
});

test("a document that was rebuilt from nothing shares everything that is equal", () => {
  const reader = new ReviewReader();
  const doc = A.change(reviewDoc(), (draft) =>
    edit.addComment(draft, "me", { id: "c", text: "hello" }, new Date(5)),
  );
  const before = reader.read(doc);
  expect(reader.read(A.clone(A.view(doc, A.getHeads(doc))))).toBe(before);
});

test("a rival that loses is seen, although the visible value stayed", () => {
  const reader = new ReviewReader();
  const doc = A.change(reviewDoc(), (draft) => edit.startExpected(draft, { a: 1 }));
  let one = elsewhere(doc, (draft) => edit.setExpected(draft, { a: 1 }, { a: 2 }));
  let two = elsewhere(doc, (draft) => edit.setExpected(draft, { a: 1 }, { a: 3 }));
  reader.read(one);
  const other = new ReviewReader();
  other.read(two);
  [one, two] = [A.merge(one, A.clone(two)), A.merge(two, A.clone(one))];
  for (const view of [reader.read(one), other.read(two)]) {
    expect(view.expected.conflicts).toHaveLength(1);
    expect(view.expected.conflicts[0]).toMatchObject({ path: "/expected/value/a" });
    expect(view.expected.conflicts[0]?.rivals[0]?.value).toBe((view.expected.value as { a: number }).a);
  }
});
