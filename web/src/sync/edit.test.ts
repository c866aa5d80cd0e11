import * as A from "@automerge/automerge/slim";
import { expect, test } from "vitest";
import { elsewhere, reviewDoc } from "../test/automerge.ts";
import type { ReviewDoc } from "./document.ts";
import * as edit from "./edit.ts";
import { choose, joinChoice } from "./expected-choice.ts";
import { ReviewReader } from "./view.ts";

const now = new Date(1_700_000_000_000);
const view = (doc: A.Doc<ReviewDoc>) => new ReviewReader().read(doc);
const change = (doc: A.Doc<ReviewDoc>, make: (draft: ReviewDoc) => void) => A.change(doc, make);

test("a score is a number from 0 to 1, withdrawn with null and never deleted", () => {
  let doc = change(reviewDoc(), (draft) => edit.setScore(draft, "me", "Tone", 0.1 + 0.2));
  expect(view(doc).scores.me).toEqual({ Tone: 0.3 });
  doc = change(doc, (draft) => edit.setScore(draft, "me", "Tone", null));
  expect(view(doc).scores.me).toEqual({ Tone: null });
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, 1.2, -0.1]) {
    expect(() => change(doc, (draft) => edit.setScore(draft, "me", "Tone", bad))).toThrow(edit.EditRefused);
  }
  expect(() => change(doc, (draft) => edit.setScore(draft, "stranger", "Tone", 1))).toThrow(/not ready/);
});

test("two reviewers never overwrite each other", () => {
  const doc = reviewDoc(["me", "noor"]);
  const mine = elsewhere(doc, (draft) => edit.setScore(draft, "me", "Tone", 1));
  const theirs = elsewhere(doc, (draft) => edit.setScore(draft, "noor", "Tone", 0));
  expect(view(A.merge(mine, theirs)).scores).toEqual({ me: { Tone: 1 }, noor: { Tone: 0 } });
});

test("notes and fields are texts that merge", () => {
  let doc = reviewDoc(["me"], ["Why"]);
  doc = change(doc, (draft) => edit.setNote(draft, "me", "Tone", "Too cold"));
  doc = change(doc, (draft) => edit.setNote(draft, "me", "Tone", "Far too cold"));
  doc = change(doc, (draft) => edit.setField(draft, "Why", "policy"));
  const other = elsewhere(doc, (draft) => edit.setField(draft, "Why", "old policy"));
  doc = A.merge(
    change(doc, (draft) => edit.setField(draft, "Why", "policy page")),
    other,
  );
  expect(view(doc).notes.me).toEqual({ Tone: "Far too cold" });
  expect(view(doc).fields).toEqual({ Why: "old policy page" });
});

test("a comment is whole in one change; editing signs the time; deleting hides it", () => {
  let doc = change(reviewDoc(), (draft) =>
    edit.addComment(draft, "me", { id: "c1", text: " Policy says 14 " }, now),
  );
  doc = change(doc, (draft) =>
    edit.addComment(draft, "me", { id: "c2", text: "yes", parent: "c1" }, new Date(now.getTime() + 5)),
  );
  doc = change(doc, (draft) =>
    edit.editComment(draft, "c1", "Policy says 14 days", new Date(now.getTime() + 9)),
  );
  doc = change(doc, (draft) => edit.resolveComment(draft, "c1", true));
  expect(view(doc).comments).toMatchObject([
    {
      id: "c1",
      author: "me",
      at: now.getTime(),
      text: "Policy says 14 days",
      editedAt: now.getTime() + 9,
      resolved: true,
      parent: null,
    },
    { id: "c2", parent: "c1" },
  ]);
  doc = change(doc, (draft) => edit.deleteComment(draft, "c2"));
  expect(view(doc).comments.map((comment) => comment.id)).toEqual(["c1"]);
  expect(() => change(doc, (draft) => edit.addComment(draft, "me", { id: "c3", text: "  " }, now))).toThrow(
    /needs some text/,
  );
});

test("status, assignees, completion and tags", () => {
  let doc = change(reviewDoc(), (draft) => edit.setStatus(draft, "me", "awaiting", now));
  doc = change(doc, (draft) => edit.assign(draft, "me", "noor", now));
  doc = change(doc, (draft) => edit.setTag(draft, "Refusal", true));
  expect(view(doc)).toMatchObject({
    status: { value: "awaiting", by: "me", at: now.getTime() },
    assignees: { noor: { by: "me", at: now.getTime() } },
    tags: { Refusal: true },
  });
  doc = change(doc, (draft) => edit.complete(draft, "me", now));
  doc = change(doc, (draft) => edit.unassign(draft, "noor"));
  doc = change(doc, (draft) => edit.setTag(draft, "Refusal", undefined));
  expect(view(doc)).toMatchObject({
    status: { value: "complete" },
    completed: { me: now.getTime() },
    assignees: {},
    tags: {},
  });
});

test("a choice joins what is expected without destroying it", () => {
  const alone = { name: "Intent", options: ["refund", "other"], alone: true };
  const among = { ...alone, alone: false };
  expect(joinChoice(null, alone, "refund")).toBe("refund");
  expect(joinChoice(null, among, "refund")).toEqual({ Intent: "refund" });
  expect(joinChoice({ text: "x" }, alone, "refund")).toEqual({ text: "x", Intent: "refund" });
  expect(joinChoice("other", alone, "refund")).toBe("refund");
  expect(joinChoice("Dear customer", alone, "refund")).toEqual({ value: "Dear customer", Intent: "refund" });
  expect(joinChoice({ text: "x", Intent: "refund" }, alone, null)).toEqual({ text: "x" });
  expect(joinChoice("refund", alone, null)).toBeUndefined();
  const many = change(reviewDoc(), (draft) =>
    choose(draft, "me", among, ["refund", "other"], { text: "logged" }),
  );
  expect(view(many)).toMatchObject({
    scores: { me: { Intent: ["other", "refund"] } },
    expected: { set: true, value: { text: "logged", Intent: ["refund", "other"] } },
  });
});

test("settling a conflict removes the rivals and signs it", () => {
  const doc = reviewDoc(["me", "noor"]);
  const mine = elsewhere(doc, (draft) => edit.startExpected(draft, "Refund within 14 days"));
  const theirs = elsewhere(doc, (draft) => edit.startExpected(draft, "Refund within a week"));
  const both = A.merge(mine, theirs);
  const [conflict] = view(both).expected.conflicts;
  expect(conflict?.path).toBe("/expected/value");
  expect(conflict?.rivals.map((rival) => rival.value).sort()).toEqual([
    "Refund within 14 days",
    "Refund within a week",
  ]);
  for (const rival of conflict?.rivals ?? []) {
    const settled = elsewhere(both, (draft) =>
      edit.settle(draft, ["expected", "value"], rival.value, "me", now),
    );
    expect(view(settled).expected).toMatchObject({ value: rival.value, isText: true, conflicts: [] });
    expect(String(settled.expected.settled?.by)).toBe("me");
  }
});

test("long text is cut between letters, never inside one", () => {
  const parts = edit.pieces("ab🙂cd", 3);
  expect(parts.join("")).toBe("ab🙂cd");
  expect(parts).toEqual(["ab", "🙂c", "d"]);
});
