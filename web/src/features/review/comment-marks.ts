/** Words of the expected value that comments speak of, in the editor that people share. */
import * as A from "@automerge/automerge/slim";
import { StateEffect, StateField } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView } from "@codemirror/view";
import { type ExpectedAnchor, quoteOf, readAnchor } from "@/lib/anchor.ts";
import { createStore } from "@/lib/store.ts";
import type { Comment } from "@/sync/view.ts";

/** What was selected last in the expected value, for a comment to point at: Esc gives the keys back and keeps it. */
export const expectedSelection = createStore<ExpectedAnchor | null>(null);

/** A mark, with the soft colour of the comment's author. */
export interface CommentMark {
  readonly id: string;
  readonly from: number;
  readonly to: number;
  readonly soft: string;
}

export const setCommentMarks = StateEffect.define<readonly CommentMark[]>();
export const commentMarks = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(set, transaction) {
    let next = set.map(transaction.changes);
    for (const effect of transaction.effects) {
      if (!effect.is(setCommentMarks)) continue;
      const length = transaction.state.doc.length;
      const marks = effect.value
        .filter(({ from, to }) => from < to && to <= length)
        .map(({ id, from, to, soft }) =>
          Decoration.mark({
            class: "cm-commented",
            attributes: { style: `background-color:${soft}`, "data-comment": id },
          }).range(from, to),
        );
      next = Decoration.set(marks, true);
    }
    return next;
  },
  provide: (field) => EditorView.decorations.from(field),
});

/** The selection of an editor of the shared text at `path`, as an anchor; null when nothing is selected. */
export function anchorIn(
  editor: EditorView,
  doc: A.Doc<unknown>,
  path: readonly string[],
): ExpectedAnchor | null {
  const { from, to } = editor.state.selection.main;
  if (from === to) return null;
  return {
    field: "expected",
    start: A.getCursor(doc, [...path], from),
    end: A.getCursor(doc, [...path], to),
    quote: quoteOf(editor.state.sliceDoc(from, to)),
  };
}

/** Where the words of open comments stand now. Of words that were deleted both cursors stand at one place: no mark. */
export function marksOf(
  comments: readonly Comment[],
  doc: A.Doc<unknown>,
  path: readonly string[],
  soft: (author: string) => string,
): CommentMark[] {
  return comments.flatMap((comment) => {
    const anchor = comment.resolved ? null : readAnchor(comment.anchor);
    if (anchor?.field !== "expected") return [];
    try {
      const from = A.getCursorPosition(doc, [...path], anchor.start as A.Cursor);
      const to = A.getCursorPosition(doc, [...path], anchor.end as A.Cursor);
      return [{ id: comment.id, from, to, soft: soft(comment.author) }];
    } catch {
      // Cursors into another text: the value was replaced as a whole since.
      return [];
    }
  });
}

/** Brings the words of a comment into view; false when they are gone. */
export function showInEditor(id: string): boolean {
  const mark = document.querySelector(`[data-comment="${CSS.escape(id)}"]`);
  mark?.scrollIntoView({ block: "center" });
  return mark !== null;
}
