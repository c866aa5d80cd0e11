/** Carets and selections of other people in a shared text, in their colour and with their name. */
import {
  type EditorState,
  type Extension,
  RangeSetBuilder,
  StateEffect,
  StateField,
} from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, WidgetType } from "@codemirror/view";

export interface Caret {
  /** Tab of the person. */
  id: string;
  name: string;
  /** Custom properties that hold the person's colours. */
  color: string;
  soft: string;
  anchor: number;
  head: number;
}

/** Replaces all carets. */
export const setCarets = StateEffect.define<readonly Caret[]>();

class CaretWidget extends WidgetType {
  constructor(
    readonly name: string,
    readonly color: string,
  ) {
    super();
  }
  override eq(other: CaretWidget): boolean {
    return other.name === this.name && other.color === this.color;
  }
  override toDOM(): HTMLElement {
    const caret = document.createElement("span");
    caret.className = "cm-peer-caret";
    caret.style.setProperty("--person", this.color);
    caret.setAttribute("aria-hidden", "true");
    const label = document.createElement("span");
    label.className = "cm-peer-name";
    label.textContent = this.name;
    caret.append(label);
    return caret;
  }
  override ignoreEvent(): boolean {
    return true;
  }
}

const carets = StateField.define<readonly Caret[]>({
  create: () => [],
  update(list, transaction) {
    for (const effect of transaction.effects) if (effect.is(setCarets)) return effect.value;
    if (!transaction.docChanged || list.length === 0) return list;
    return list.map((caret) => ({
      ...caret,
      anchor: transaction.changes.mapPos(Math.min(caret.anchor, transaction.startState.doc.length), 1),
      head: transaction.changes.mapPos(Math.min(caret.head, transaction.startState.doc.length), 1),
    }));
  },
  provide: (field) => EditorView.decorations.from(field, (list) => (view) => decorate(list, view.state)),
});

function decorate(list: readonly Caret[], state: EditorState): DecorationSet {
  const length = state.doc.length;
  const parts: { from: number; to: number; decoration: Decoration }[] = [];
  for (const caret of list) {
    const head = Math.min(caret.head, length);
    const from = Math.min(caret.anchor, caret.head, length);
    const to = Math.min(Math.max(caret.anchor, caret.head), length);
    if (from < to) {
      parts.push({
        from,
        to,
        decoration: Decoration.mark({ attributes: { style: `background-color: ${caret.soft}` } }),
      });
    }
    parts.push({
      from: head,
      to: head,
      decoration: Decoration.widget({ widget: new CaretWidget(caret.name, caret.color), side: 1 }),
    });
  }
  parts.sort((a, b) => a.from - b.from || a.decoration.startSide - b.decoration.startSide);
  const builder = new RangeSetBuilder<Decoration>();
  for (const part of parts) builder.add(part.from, part.to, part.decoration);
  return builder.finish();
}

const theme = EditorView.baseTheme({
  ".cm-peer-caret": {
    position: "relative",
    borderLeft: "2px solid var(--person)",
    marginLeft: "-1px",
    marginRight: "-1px",
  },
  ".cm-peer-name": {
    position: "absolute",
    left: "-2px",
    top: "-14px",
    padding: "0 4px",
    borderRadius: "3px 3px 3px 0",
    background: "var(--person)",
    color: "var(--surface)",
    font: '600 10px/14px "Inter Variable", system-ui, sans-serif',
    whiteSpace: "nowrap",
    pointerEvents: "none",
    zIndex: "5",
  },
});

export function peerCarets(): Extension {
  return [carets, theme];
}
