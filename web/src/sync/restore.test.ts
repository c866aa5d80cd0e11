import * as A from "@automerge/automerge/slim";
import { expect, test } from "vitest";
import { elsewhere, reviewDoc } from "../test/automerge.ts";
import type { ReviewDoc } from "./document.ts";
import * as edit from "./edit.ts";
import { choose } from "./expected-choice.ts";
import { changedPlaces, restoration } from "./restore.ts";
import { ReviewReader, type ReviewView } from "./view.ts";

const at = new Date(1_700_000_000_000);
const view = (doc: A.Doc<ReviewDoc>): ReviewView => new ReviewReader().read(doc);
const score = { name: "Verdict", options: ["good", "bad"], alone: true };

/** Takes the step from `before` to `after` back in `doc`. */
function takeBack(doc: A.Doc<ReviewDoc>, before: ReviewView, after: ReviewView) {
  const { write, restored, kept } = restoration(view(doc), before, after, "me");
  return { doc: A.change(doc, (draft) => write(draft, at)), restored, kept };
}

test("a completed review is as it was before: score, status and completion", () => {
  const empty = reviewDoc();
  const scored = A.change(empty, (draft) => edit.setScore(draft, "me", "Tone", 0.5));
  const done = A.change(scored, (draft) => edit.complete(draft, "me", at));
  expect(changedPlaces(view(scored), view(done), "me")).toEqual(["/completed", "/status"]);
  const back = takeBack(done, view(scored), view(done)).doc;
  expect(view(back).completed).toEqual({});
  expect(view(back).status.value).toBe("none");
  expect(view(takeBack(back, view(empty), view(scored)).doc).scores.me).toEqual({ Tone: null });
});

test("doing it again writes what was taken back", () => {
  const empty = reviewDoc();
  const done = A.change(empty, (draft) => edit.complete(draft, "me", at));
  const back = takeBack(done, view(empty), view(done)).doc;
  const again = takeBack(back, view(done), view(empty)).doc;
  expect(view(again).completed).toEqual({ me: at.getTime() });
  expect(view(again).status.value).toBe("complete");
});

test("a choice that was written to the expected value leaves it as it was", () => {
  const empty = reviewDoc();
  const chosen = A.change(empty, (draft) => choose(draft, "me", score, "good", null));
  const other = A.change(chosen, (draft) => choose(draft, "me", score, "bad", "good"));
  const back = takeBack(other, view(chosen), view(other)).doc;
  expect(view(back).expected).toMatchObject({ set: true, value: "good" });
  expect(view(back).scores.me).toEqual({ Verdict: "good" });
  const none = takeBack(back, view(empty), view(chosen)).doc;
  expect(view(none).expected.set).toBe(false);
});

test("tags and assignments come and go", () => {
  const empty = reviewDoc();
  const both = A.change(empty, (draft) => {
    edit.setTag(draft, "billing", true);
    edit.assign(draft, "me", "noor", at);
  });
  const back = takeBack(both, view(empty), view(both)).doc;
  expect(view(back)).toMatchObject({ tags: {}, assignees: {} });
});

test("what somebody else has written since stays", () => {
  const empty = reviewDoc(["me", "noor"]);
  const chosen = A.change(empty, (draft) => choose(draft, "me", score, "good", null));
  const theirs = elsewhere(chosen, (draft) => edit.setExpected(draft, "good", "neither"));
  const { doc, restored, kept } = takeBack(A.merge(A.clone(chosen), theirs), view(empty), view(chosen));
  expect(view(doc).expected.value).toBe("neither");
  expect(view(doc).scores.me).toEqual({ Verdict: null });
  expect({ restored, kept }).toEqual({ restored: ["/scores/Verdict"], kept: ["/expected"] });
});
