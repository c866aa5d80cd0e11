/** CodeMirror in the app's tokens; its own colours fail contrast in the dark. */
import { defaultKeymap, historyKeymap } from "@codemirror/commands";
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

/** The usual keys, without Ctrl/Cmd Enter, which completes the review from anywhere. */
export const editorKeys = [
  { key: "Escape", run: leave },
  ...defaultKeymap.filter((binding) => binding.key !== "Mod-Enter"),
  ...historyKeymap,
];

/** Esc leaves the editor and gives the page its single keys back. */
export function leave(view: EditorView): boolean {
  view.contentDOM.blur();
  return true;
}

export const editorTheme = EditorView.theme({
  "&": { backgroundColor: "transparent", color: "var(--ink)", fontSize: "13px" },
  "&.cm-focused": { outline: "none" },
  // Lines wrap, so nothing scrolls here, and the names above other people's carets are not cut off.
  ".cm-scroller": { fontFamily: "inherit", lineHeight: "21px", overflow: "visible" },
  ".cm-content": { padding: "0", caretColor: "var(--ink)", minHeight: "42px" },
  ".cm-line": { padding: "0" },
  ".cm-placeholder": { color: "var(--ink-3)" },
  "&.cm-focused .cm-selectionBackground, ::selection": { backgroundColor: "var(--accent-line)" },
  ".cm-added": { backgroundColor: "var(--pass-soft)", color: "var(--pass)", borderRadius: "3px" },
  ".cm-diagnostic": { fontSize: "12px", borderLeftColor: "var(--fail)", padding: "2px 8px" },
  ".cm-tooltip": {
    backgroundColor: "var(--surface)",
    border: "1px solid var(--line-2)",
    borderRadius: "8px",
    color: "var(--ink)",
  },
});

export const jsonTheme = [
  EditorView.theme({
    ".cm-gutters": { backgroundColor: "transparent", border: "none" },
    ".cm-gutter-lint": { width: "14px" },
    ".cm-scroller": {
      fontFamily: '"JetBrains Mono Variable", ui-monospace, monospace',
      fontSize: "12px",
      lineHeight: "19px",
    },
  }),
  syntaxHighlighting(
    HighlightStyle.define([
      { tag: tags.propertyName, color: "var(--llm)" },
      { tag: tags.string, color: "var(--pass)" },
      { tag: [tags.number, tags.bool, tags.null], color: "var(--tool)" },
      { tag: [tags.brace, tags.squareBracket, tags.separator], color: "var(--ink-3)" },
      { tag: tags.invalid, color: "var(--fail)" },
    ]),
  ),
];
