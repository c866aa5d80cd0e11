/** The expected value as JSON text: valid text is written as a difference, others' changes flow in around it. */
import { history } from "@codemirror/commands";
import { json } from "@codemirror/lang-json";
import { bracketMatching } from "@codemirror/language";
import { type Diagnostic, lintGutter, setDiagnostics } from "@codemirror/lint";
import { Compartment, EditorState, Transaction } from "@codemirror/state";
import { EditorView, keymap } from "@codemirror/view";
import { type RefObject, useEffect, useId, useImperativeHandle, useRef, useState } from "react";
import type { Json } from "@/api/types.ts";
import { setExpected, startExpected } from "@/sync/edit.ts";
import { fromDocument, replacement } from "@/sync/text-editor.ts";
import { addedMarks, setAdded } from "./added-marks.ts";
import { editorKeys, editorTheme, jsonTheme } from "./editor-theme.ts";
import { JsonBuffer, pretty } from "./json-buffer.ts";
import { useScope } from "./scope.tsx";
import type { EditorHandle } from "./shared-editor.tsx";

/** A pause this long is the end of a thought: the text is judged and written. */
const PAUSE_MS = 400;

interface Props {
  value: Json;
  readOnly: boolean;
  handle?: RefObject<EditorHandle | null>;
  onLeave?: () => void;
  /** Ranges to mark as added, in the value as it is printed. */
  added?: readonly { from: number; to: number }[];
}

export function JsonEditor({ value, readOnly, handle, onLeave, added }: Props) {
  const { session, edit } = useScope();
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const access = useRef(new Compartment());
  const buffer = useRef<JsonBuffer>(null);
  buffer.current ??= new JsonBuffer(value);
  const latest = useRef({ value, onLeave, edit, readOnly });
  latest.current = { value, onLeave, edit, readOnly };
  const [problem, setProblem] = useState<string | null>(null);
  const id = useId();

  useImperativeHandle(handle, () => ({
    focus: () => {
      view.current?.focus();
      return view.current !== null;
    },
  }));

  useEffect(() => {
    if (!host.current) return;
    let timer = 0;
    const show = (editor: EditorView, text: string | null) => {
      const change = text === null ? null : replacement(editor.state.sliceDoc(), text);
      if (!change) return;
      editor.dispatch({
        changes: change,
        annotations: [fromDocument.of(true), Transaction.remote.of(true), Transaction.addToHistory.of(false)],
      });
    };
    const write = (editor: EditorView) => {
      window.clearTimeout(timer);
      const held = buffer.current;
      if (!held?.dirty) return;
      const text = editor.state.sliceDoc();
      const typed = held.typed(text);
      const diagnostics: Diagnostic[] = [];
      if (typed.kind === "invalid") {
        const at = Math.min(typed.at ?? 0, editor.state.doc.length);
        diagnostics.push({ from: Math.max(0, at - 1), to: at, severity: "error", message: typed.message });
      }
      setProblem(typed.kind === "invalid" ? typed.message : null);
      editor.dispatch(setDiagnostics(editor.state, diagnostics));
      if (typed.kind !== "write") return;
      const done = latest.current.edit((draft) =>
        draft.expected.set ? setExpected(draft, typed.base, typed.next) : startExpected(draft, typed.next),
      );
      if (done) show(editor, held.written(session.view().expected.value, text));
    };
    const editor = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: pretty(latest.current.value),
        extensions: [
          EditorState.lineSeparator.of("\n"),
          EditorView.lineWrapping,
          history(),
          json(),
          bracketMatching(),
          lintGutter(),
          keymap.of(editorKeys),
          EditorView.contentAttributes.of({
            "aria-label": "Expected, as JSON",
            "aria-describedby": id,
            spellcheck: "false",
          }),
          access.current.of(EditorState.readOnly.of(latest.current.readOnly)),
          // The first of two themes wins.
          jsonTheme,
          editorTheme,
          addedMarks,
          EditorView.updateListener.of((update) => {
            if (update.docChanged && !update.transactions.some((part) => part.annotation(fromDocument))) {
              buffer.current?.typed(update.state.sliceDoc());
              window.clearTimeout(timer);
              timer = window.setTimeout(() => write(update.view), PAUSE_MS);
            }
            if (update.focusChanged && !update.view.hasFocus) {
              // Not now: the editor is still in the middle of this update.
              queueMicrotask(() => write(update.view));
              latest.current.onLeave?.();
            }
          }),
        ],
      }),
    });
    view.current = editor;
    return () => {
      window.clearTimeout(timer);
      write(editor);
      editor.destroy();
      view.current = null;
    };
  }, [session, id]);

  useEffect(() => {
    const editor = view.current;
    const text = editor && buffer.current?.arrived(value, editor.state.sliceDoc());
    if (!editor || text === null || text === undefined) return;
    const change = replacement(editor.state.sliceDoc(), text);
    if (change) {
      editor.dispatch({
        changes: change,
        annotations: [fromDocument.of(true), Transaction.remote.of(true), Transaction.addToHistory.of(false)],
      });
    }
  }, [value]);

  useEffect(() => {
    view.current?.dispatch({ effects: access.current.reconfigure(EditorState.readOnly.of(readOnly)) });
  }, [readOnly]);

  useEffect(() => {
    view.current?.dispatch({ effects: setAdded.of(added ?? []) });
  }, [added]);

  return (
    <>
      <div ref={host} className="min-w-0" />
      <p id={id} className="text-small text-fail" role={problem ? "alert" : undefined}>
        {problem && `${problem}. Nothing is saved until it is.`}
      </p>
    </>
  );
}
