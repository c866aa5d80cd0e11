/** Marks what an editor's text has in addition to the output. */
import { StateEffect, StateField } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView } from "@codemirror/view";

/** Replaces all marks. Ranges that the text has meanwhile outgrown are left out. */
export const setAdded = StateEffect.define<readonly { from: number; to: number }[]>();
const mark = Decoration.mark({ class: "cm-added" });
export const addedMarks = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(set, transaction) {
    let next = set.map(transaction.changes);
    for (const effect of transaction.effects) {
      if (!effect.is(setAdded)) continue;
      const length = transaction.state.doc.length;
      next = Decoration.set(
        effect.value
          .filter(({ from, to }) => from < to && to <= length)
          .map(({ from, to }) => mark.range(from, to)),
      );
    }
    return next;
  },
  provide: (field) => EditorView.decorations.from(field),
});
