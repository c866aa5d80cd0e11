import * as A from "@automerge/automerge/slim";
import { history, redo, undo } from "@codemirror/commands";
import { EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { afterEach, expect, test } from "vitest";
import { reviewDoc } from "../test/automerge.ts";
import type { ReviewDoc } from "./document.ts";
import { type Draft, startExpected } from "./edit.ts";
import { rollBack } from "./refusal.ts";
import { replacement, sharedText, type TextSource } from "./text-editor.ts";

const PATH = ["expected", "value"];
const views: EditorView[] = [];
afterEach(() => {
  for (const view of views.splice(0)) view.destroy();
});

class Copy implements TextSource {
  #doc: A.Doc<ReviewDoc>;
  #listeners = new Set<() => void>();
  constructor(doc: A.Doc<ReviewDoc>) {
    this.#doc = A.clone(doc);
  }
  doc = () => this.#doc as A.Doc<unknown>;
  change(edit: (draft: A.Doc<unknown>) => void) {
    this.set(A.change(this.#doc, (draft) => edit(draft as A.Doc<unknown>)));
  }
  subscribe(listener: () => void) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
  set(doc: A.Doc<ReviewDoc>) {
    this.#doc = doc;
    for (const listener of this.#listeners) listener();
  }
  receive(other: Copy) {
    this.set(A.merge(this.#doc, A.clone(other.#doc)));
  }
  get text() {
    return String(this.#doc.expected.value);
  }
  get raw() {
    return this.#doc;
  }
}

function editor(source: Copy, start?: (text: string) => void): EditorView {
  const text = typeof source.raw.expected.value === "string" ? source.raw.expected.value : "";
  const view = new EditorView({
    state: EditorState.create({
      doc: text,
      extensions: [
        EditorState.lineSeparator.of("\n"),
        history(),
        sharedText({ source, path: PATH, ...(start ? { start } : {}) }),
      ],
    }),
  });
  views.push(view);
  return view;
}

const shared = (text: string) =>
  A.change(reviewDoc(["a", "b"]), (draft) => startExpected(draft as Draft, text));

test("two editors converge under any edits, merges and undos", { timeout: 60_000 }, () => {
  for (let round = 1; round <= 20; round++) {
    let seed = round * 7919;
    const random = (below: number) => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return Math.floor((seed / 2147483648) * below);
    };
    const base = shared("The quick brown fox 🙂 jumps\nover 日本語 text");
    const copies = [new Copy(base), new Copy(base)] as const;
    const sides = copies.map((copy) => editor(copy));
    for (let step = 0; step < 40; step++) {
      const side = random(2);
      const view = sides[side] as EditorView;
      const points = [...view.state.sliceDoc()];
      const offset = (index: number) => points.slice(0, index).join("").length;
      const roll = random(10);
      if (roll < 5) {
        const at = offset(random(points.length + 1));
        view.dispatch({
          changes: { from: at, insert: ["x", "日", "🙂", "two words", "\n"][random(5)] ?? "x" },
          userEvent: "input.type",
        });
      } else if (roll < 7 && points.length > 2) {
        const from = random(points.length - 1);
        view.dispatch({
          changes: { from: offset(from), to: offset(Math.min(points.length, from + 1 + random(4))) },
          userEvent: "delete",
        });
      } else if (roll === 7) undo(view);
      else if (roll === 8) redo(view);
      else copies[side]?.receive(copies[1 - side] as Copy);
      expect(view.state.sliceDoc()).toBe(copies[side]?.text);
    }
    copies[0].receive(copies[1]);
    copies[1].receive(copies[0]);
    expect(copies[0].text).toBe(copies[1].text);
    for (const side of [0, 1]) expect(sides[side]?.state.sliceDoc()).toBe(copies[0].text);
  }
});

test("undo never takes back what somebody else wrote", () => {
  const base = shared("start");
  const [mine, theirs] = [new Copy(base), new Copy(base)];
  const view = editor(mine);
  const other = editor(theirs);
  view.dispatch({ changes: { from: 5, insert: " mine" } });
  other.dispatch({ changes: { from: 0, insert: "theirs " } });
  mine.receive(theirs);
  expect(view.state.sliceDoc()).toBe("theirs start mine");
  for (let i = 0; i < 5; i++) undo(view);
  expect(mine.text).toBe("theirs start");
});

test("remote edits keep the caret at its word", () => {
  const base = shared("hello world");
  const [mine, theirs] = [new Copy(base), new Copy(base)];
  const view = editor(mine);
  view.dispatch({ selection: { anchor: 6, head: 11 } });
  editor(theirs).dispatch({ changes: { from: 0, insert: "well, " } });
  mine.receive(theirs);
  expect(view.state.sliceDoc(view.state.selection.main.from, view.state.selection.main.to)).toBe("world");
});

test("the first edit makes the text; a text made elsewhere meanwhile is taken over", async () => {
  const source = new Copy(reviewDoc(["a", "b"]));
  const view = editor(source, (text) =>
    source.change((draft) => startExpected(draft as unknown as Draft, text)),
  );
  view.dispatch({ changes: { from: 0, insert: "A" } });
  view.dispatch({ changes: { from: 1, insert: "nswer" } });
  expect(source.text).toBe("Answer");

  const late = new Copy(reviewDoc(["a", "b"]));
  const waiting = editor(late);
  late.change((draft) => startExpected(draft as unknown as Draft, "from elsewhere"));
  expect(waiting.state.sliceDoc()).toBe("from elsewhere");
});

test("a rollback, which rebuilds the document, shows what is left", () => {
  const source = new Copy(shared("agreed text"));
  const view = editor(source);
  view.dispatch({ changes: { from: 11, insert: " refused" } });
  const back = rollBack(source.raw, A.getHeads(source.raw));
  source.set(back?.doc ?? source.raw);
  expect(view.state.sliceDoc()).toBe("agreed text");
  view.dispatch({ changes: { from: 0, insert: "The " } });
  expect(source.text).toBe("The agreed text");
});

test("a very long paste is spread over several changes", () => {
  const source = new Copy(shared("[]"));
  const view = editor(source);
  const before = A.getChangesMetaSince(source.raw, []).length;
  const long = "lorem 🙂 ".repeat(4000);
  view.dispatch({
    changes: [
      { from: 1, insert: long },
      { from: 2, insert: "!" },
    ],
  });
  expect(source.text).toBe(`[${long}]!`);
  expect(A.getChangesMetaSince(source.raw, []).length).toBeGreaterThan(before + 3);
});

test("the smallest replacement never splits a letter", () => {
  expect(replacement("a🙂b", "a🙃b")).toEqual({ from: 1, to: 3, insert: "🙃" });
  expect(replacement("aaa", "aa")).toEqual({ from: 2, to: 3, insert: "" });
  expect(replacement("x", "x")).toBeNull();
});
