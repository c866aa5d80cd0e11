/** What a command is. The table of all of them is in `table.ts`. */

/**
 * Where a command is heard. `global` everywhere, a page's scope on that page, `review` while a review
 * panel is on a page (a trace's or the focused review's), `dialog` while one is open. The innermost scope wins and a dialog silences all others.
 */
export type Scope =
  | "global"
  | "projects"
  | "objects"
  | "logs"
  | "trace"
  | "focus"
  | "review"
  | "configuration"
  | "dialog";

export interface Command {
  readonly id: string;
  /** As the palette and the sheet of keys show it: verb first, sentence case. */
  readonly label: string;
  /**
   * Alternatives, each a sequence of presses parted by spaces: `"g l"`, `"Mod+Enter"`, `"Shift+z"`, `"?"`.
   * `Mod` is the command key on Apple devices and Control elsewhere. Keys are matched by the printed letter.
   */
  readonly keys: readonly string[];
  readonly scope: Scope;
  /** Words under which the palette finds it too. */
  readonly synonyms?: readonly string[];
  /** Hidden from the palette, because it makes no sense without a selection on screen. */
  readonly keyOnly?: boolean;
}
