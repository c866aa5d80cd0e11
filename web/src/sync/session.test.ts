import * as A from "@automerge/automerge/slim";
import type { DocHandle } from "@automerge/automerge-repo/slim";
import { afterEach, expect, test, vi } from "vitest";
import { elsewhere, reviewDoc } from "../test/automerge.ts";
import type { ReviewDoc } from "./document.ts";
import { EditRefused, setScore } from "./edit.ts";
import { ReviewSession } from "./session.ts";

/** What a session needs of automerge-repo's handle, without a network. */
class Handle {
  current: A.Doc<ReviewDoc>;
  sent: unknown[] = [];
  #listeners: { [name: string]: Set<(event: unknown) => void> } = {};
  constructor(doc: A.Doc<ReviewDoc>) {
    this.current = doc;
  }
  doc = () => this.current;
  on = (name: string, listener: (event: unknown) => void) => {
    this.#listeners[name] ??= new Set();
    this.#listeners[name].add(listener);
  };
  off = (name: string, listener: (event: unknown) => void) => this.#listeners[name]?.delete(listener);
  emit = (name: string, event: unknown) => this.#listeners[name]?.forEach((listener) => void listener(event));
  broadcast = (message: unknown) => this.sent.push(message);
  update = (make: (doc: A.Doc<ReviewDoc>) => A.Doc<ReviewDoc>) => {
    const before = A.getHeads(this.current);
    this.current = make(this.current);
    const patches = A.hasHeads(this.current, before)
      ? A.diff(this.current, before, A.getHeads(this.current))
      : [];
    this.emit("change", { doc: this.current, patches });
  };
  change = (make: (draft: ReviewDoc) => void) => this.update((doc) => A.change(doc, make));
  hear = (message: unknown, senderId = "concord") => this.emit("ephemeral-message", { senderId, message });
}

function open(mayWrite = true) {
  const handle = new Handle(reviewDoc(["me", "noor"]));
  const session = new ReviewSession({
    handle: handle as unknown as DocHandle<ReviewDoc>,
    documentId: "d",
    me: { id: "me", name: "Me" },
    reviewer: "me",
    mayWrite,
    server: () => "concord",
  });
  return { handle, session };
}

afterEach(() => vi.useRealTimers());

test("edits show at once and wait until the server has them on disk", () => {
  const { handle, session } = open();
  session.edit((draft) => setScore(draft, "me", "Tone", 0.5));
  session.edit((draft) => setScore(draft, "me", "Tone", 0.5));
  expect(session.view().scores.me).toEqual({ Tone: 0.5 });
  expect(session.unsaved).toBe(1);
  handle.hear({ type: "saved", heads: A.getHeads(handle.current) }, "somebody else");
  expect(session.unsaved).toBe(1);
  handle.hear({ type: "saved", heads: A.getHeads(handle.current) });
  expect(session.unsaved).toBe(0);
});

test("an edit that cannot be made changes nothing and says why", () => {
  const { handle, session } = open();
  const heads = A.getHeads(handle.current);
  expect(() => session.edit((draft) => setScore(draft, "me", "Tone", 7))).toThrow(EditRefused);
  expect(A.getHeads(handle.current)).toEqual(heads);
  expect(session.unsaved).toBe(0);
  expect(() => open(false).session.edit((draft) => setScore(draft, "me", "Tone", 1))).toThrow(
    /role of reviewer/,
  );
});

test("a refusal takes back that change alone and tells the page", () => {
  const { handle, session } = open();
  const notices: unknown[] = [];
  session.onNotice((notice) => notices.push(notice));
  session.edit((draft) => setScore(draft, "me", "Tone", 0.5));
  handle.hear({ type: "saved", heads: A.getHeads(handle.current) });
  session.edit((draft) => {
    draft.notes.me = { ...draft.notes.me, Tone: "my long reason" };
  });
  const hash = A.getHeads(handle.current)[0];
  const rejected = [{ hash, reason: "no", code: "x" }];
  handle.hear({ type: "review-rejected", rejected }, "a liar");
  expect(session.unsaved).toBe(1);
  handle.hear({ type: "review-rejected", rejected });
  expect(session.unsaved).toBe(0);
  expect(session.view()).toMatchObject({ scores: { me: { Tone: 0.5 } }, notes: { me: {} } });
  expect(notices).toEqual([{ kind: "refused", refused: rejected, lost: ["my long reason"] }]);
  session.edit((draft) => setScore(draft, "me", "Tone", 1));
  expect(session.unsaved).toBe(1);
});

test("changes of others are told by place, one's own are not", () => {
  const { handle, session } = open();
  const heard: string[][] = [];
  session.onRemote((pointers) => heard.push([...pointers]));
  session.edit((draft) => setScore(draft, "me", "Tone", 1));
  const theirs = elsewhere(handle.current, (draft) => setScore(draft, "noor", "Tone", 0));
  handle.update((doc) => A.merge(doc, theirs));
  expect(heard).toEqual([["/scores/noor/Tone"]]);
  expect(session.unsaved).toBe(1);
});

test("presence is sent when it changes and again every ten seconds; leaving says goodbye", () => {
  vi.useFakeTimers();
  const { handle, session } = open();
  session.show({ span: "s", focus: null, cursor: null });
  session.move({ focus: "/expected" });
  vi.advanceTimersByTime(60);
  expect(handle.sent).toMatchObject([
    { type: "presence", user: { id: "me" }, span: "s", focus: "/expected" },
  ]);
  vi.advanceTimersByTime(10_000);
  expect(handle.sent).toHaveLength(2);
  handle.hear(
    {
      type: "presence",
      user: { id: "noor", name: "Noor" },
      tab: "t",
      span: "s",
      focus: null,
      cursor: null,
      at: 1,
    },
    "peer-1",
  );
  expect(session.peers()).toHaveLength(1);
  // A newcomer is answered without waiting for the heartbeat.
  vi.advanceTimersByTime(300);
  expect(handle.sent).toHaveLength(3);
  handle.hear({ type: "goodbye", tab: "t" }, "peer-1");
  expect(session.peers()).toEqual([]);
  session.close();
  expect(handle.sent.at(-1)).toMatchObject({ type: "goodbye" });
});
