/** An editor of one shared text: everybody's letters, carets and names, undo for one's own only. */
import * as A from "@automerge/automerge/slim";
import { history } from "@codemirror/commands";
import { Compartment, EditorState } from "@codemirror/state";
import { EditorView, keymap, placeholder as placeholderText } from "@codemirror/view";
import { type RefObject, useEffect, useImperativeHandle, useRef } from "react";
import { type Caret, peerCarets, setCarets } from "@/sync/carets.ts";
import { pointer } from "@/sync/document.ts";
import { people } from "@/sync/presence.ts";
import { sharedText, textAt } from "@/sync/text-editor.ts";
import { addedMarks, setAdded } from "./added-marks.ts";
import { anchorIn, commentMarks, expectedSelection, marksOf, setCommentMarks } from "./comment-marks.ts";
import { editorKeys, editorTheme } from "./editor-theme.ts";
import { colours, tellRefused, useScope } from "./scope.tsx";

/** The text that comments may point into. */
const EXPECTED = pointer(["expected", "value"]);

export interface EditorHandle {
  /** False while the editor is not made yet. */
  focus(): boolean;
}

interface Props {
  path: readonly string[];
  label: string;
  /** What stands there before the shared text exists. */
  initial: string;
  /** Makes the shared text at the first edit. */
  start?: (text: string) => void;
  when?: (doc: A.Doc<unknown>) => boolean;
  readOnly: boolean;
  placeholder?: string;
  /** Ranges to mark as added. */
  added?: readonly { from: number; to: number }[];
  handle?: RefObject<EditorHandle | null>;
  onLeave?: () => void;
  /** A new value makes a new editor. */
  generation?: number;
}

export function SharedEditor({
  path,
  label,
  initial,
  start,
  when,
  readOnly,
  placeholder,
  added,
  handle,
  onLeave,
  generation = 0,
}: Props) {
  const { session, row, me } = useScope();
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const access = useRef(new Compartment());
  const latest = useRef({ initial, start, when, onLeave, readOnly });
  latest.current = { initial, start, when, onLeave, readOnly };
  const key = pointer(path);

  useImperativeHandle(handle, () => ({
    focus: () => {
      const editor = view.current;
      if (!editor) return false;
      // Whoever writes already stands where they want to.
      if (editor.hasFocus) return true;
      editor.focus();
      editor.dispatch({ selection: { anchor: editor.state.doc.length }, scrollIntoView: true });
      return true;
    },
  }));

  useEffect(() => {
    if (!host.current) return;
    const parts = key
      .split("/")
      .slice(1)
      .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
    const bound = () => {
      const doc = session.handle.doc() as A.Doc<unknown>;
      const counts = latest.current.when?.(doc) ?? true;
      return counts ? textAt(doc, parts) : null;
    };
    const tellCursor = (editor: EditorView) => {
      const { anchor, head } = editor.state.selection.main;
      if (!editor.hasFocus || bound() === null) return session.move({ cursor: null });
      const doc = session.handle.doc() as A.Doc<unknown>;
      if (key === EXPECTED) expectedSelection.set(anchorIn(editor, doc, parts));
      session.move({
        cursor: { path: key, anchor: A.getCursor(doc, parts, anchor), head: A.getCursor(doc, parts, head) },
      });
    };
    const editor = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: bound() ?? latest.current.initial,
        extensions: [
          // A carriage return of another client stays one character, so that offsets agree.
          EditorState.lineSeparator.of("\n"),
          EditorView.lineWrapping,
          history(),
          keymap.of(editorKeys),
          EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "true" }),
          access.current.of(accessOf(latest.current.readOnly)),
          placeholder ? placeholderText(placeholder) : [],
          editorTheme,
          addedMarks,
          commentMarks,
          peerCarets(),
          sharedText({
            source: {
              doc: () => session.handle.doc() as A.Doc<unknown>,
              change: (edit) => session.edit((draft) => edit(draft as unknown as A.Doc<unknown>)),
              subscribe: session.subscribe,
            },
            path: parts,
            when: (doc) => latest.current.when?.(doc) ?? true,
            start: (text) => latest.current.start?.(text),
            onRefused: tellRefused,
          }),
          EditorView.updateListener.of((update) => {
            if (update.selectionSet || update.docChanged || update.focusChanged) tellCursor(update.view);
            if (update.focusChanged && !update.view.hasFocus) latest.current.onLeave?.();
          }),
        ],
      }),
    });
    view.current = editor;

    // Carets follow after the frame: the document tells of changes while the editor is still writing them.
    let frame = 0;
    let shown = "";
    const showCarets = () => {
      frame = 0;
      const doc = session.handle.doc() as A.Doc<unknown>;
      const length = editor.state.doc.length;
      const list = people(session.peers(), me).flatMap((peer): Caret[] => {
        if (peer.span !== row || peer.cursor?.path !== key || bound() === null) return [];
        try {
          const anchor = A.getCursorPosition(doc, parts, peer.cursor.anchor as A.Cursor);
          const head = A.getCursorPosition(doc, parts, peer.cursor.head as A.Cursor);
          const { ink, soft } = colours(peer.user.id, me);
          const name = peer.user.name.split(" ")[0] ?? peer.user.name;
          return [
            {
              id: peer.tab,
              name,
              color: ink,
              soft,
              anchor: Math.min(anchor, length),
              head: Math.min(head, length),
            },
          ];
        } catch {
          // A cursor into changes that have not arrived yet: the next message or change will place it.
          return [];
        }
      });
      const commented = key === EXPECTED && bound() !== null ? session.view().comments : [];
      const marks = marksOf(commented, doc, parts, (author) => colours(author, me).soft);
      const state = JSON.stringify([list, marks]);
      if (state === shown) return;
      shown = state;
      editor.dispatch({ effects: [setCarets.of(list), setCommentMarks.of(marks)] });
    };
    const soon = () => {
      frame ||= requestAnimationFrame(showCarets);
    };
    const stop = session.subscribe(soon);
    soon();
    return () => {
      stop();
      cancelAnimationFrame(frame);
      if (editor.hasFocus) session.move({ cursor: null });
      if (key === EXPECTED) expectedSelection.set(null);
      editor.destroy();
      view.current = null;
    };
  }, [session, key, row, me, label, placeholder, generation]);

  useEffect(() => {
    view.current?.dispatch({ effects: access.current.reconfigure(accessOf(readOnly)) });
  }, [readOnly]);

  useEffect(() => {
    view.current?.dispatch({ effects: setAdded.of(added ?? []) });
  }, [added]);

  return <div ref={host} className="min-w-0" />;
}

/** A text that may not be edited can still be reached, read and copied by key. */
function accessOf(readOnly: boolean) {
  return readOnly
    ? [
        EditorState.readOnly.of(true),
        EditorView.editable.of(false),
        EditorView.contentAttributes.of({ tabindex: "0", "aria-readonly": "true" }),
      ]
    : [];
}
