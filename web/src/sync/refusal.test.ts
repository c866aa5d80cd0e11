import * as A from "@automerge/automerge/slim";
import { expect, test } from "vitest";
import { elsewhere, reviewDoc } from "../test/automerge.ts";
import * as edit from "./edit.ts";
import { readRefusals, rollBack } from "./refusal.ts";
import { Unsaved } from "./unsaved.ts";
import { ReviewReader } from "./view.ts";

const head = (doc: A.Doc<unknown>) => A.getHeads(doc)[0] ?? "";

test("a refused change goes with what was built on it; the rest and other people's work stay", () => {
  let doc = A.change(reviewDoc(["me", "noor"]), (draft) => edit.setScore(draft, "me", "Tone", 0.5));
  const before = A.clone(doc);
  doc = A.change(doc, (draft) =>
    edit.addComment(draft, "me", { id: "c", text: "Keep these words" }, new Date(1)),
  );
  const bad = head(doc);
  doc = A.change(doc, (draft) => edit.setScore(draft, "me", "Tone", 1));
  doc = A.merge(
    doc,
    elsewhere(before, (draft) => edit.setScore(draft, "noor", "Tone", 0)),
  );
  const back = rollBack(doc, [bad]);
  expect(back?.dropped.size).toBe(2);
  expect(back?.lost).toEqual(["Keep these words"]);
  expect(new ReviewReader().read(back?.doc ?? doc)).toMatchObject({
    scores: { me: { Tone: 0.5 }, noor: { Tone: 0 } },
    comments: [],
  });
  const again = A.change(back?.doc ?? doc, (draft) => edit.setScore(draft, "me", "Tone", 0.75));
  expect(new ReviewReader().read(again).scores.me).toEqual({ Tone: 0.75 });
});

test("a notice about changes that are not here changes nothing", () => {
  expect(rollBack(reviewDoc(), ["00".repeat(32)])).toBeNull();
  expect(readRefusals({ type: "presence" })).toBeNull();
  expect(
    readRefusals({ type: "review-rejected", rejected: [{ hash: "ab", reason: "no", code: "x" }, 5] }),
  ).toHaveLength(1);
});

test("changes wait until heads at or above them are on disk", () => {
  let doc = reviewDoc();
  const unsaved = new Unsaved(doc);
  const heads: string[] = [];
  for (const value of [0.1, 0.2, 0.3]) {
    doc = A.change(doc, (draft) => edit.setScore(draft, "me", "Tone", value));
    unsaved.made(doc);
    heads.push(head(doc));
  }
  expect(unsaved.count).toBe(3);
  unsaved.stored(doc, [heads[1] ?? ""]);
  expect(unsaved.count).toBe(1);
  // The server names a newer change of somebody else, which arrives only later.
  const newer = elsewhere(doc, (draft) => edit.setTag(draft, "x", true));
  unsaved.stored(doc, [head(newer)]);
  expect(unsaved.count).toBe(1);
  doc = A.merge(doc, newer);
  unsaved.stored(doc, []);
  expect(unsaved.count).toBe(0);
});
