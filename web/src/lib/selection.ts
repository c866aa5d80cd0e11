/** Which rows are selected: some by hand, or all that match. Pure. */

export interface Selection {
  /** Row ids of roots. */
  ids: ReadonlySet<string>;
  /** Everything that matches, loaded or not. */
  all: boolean;
  /** Where a range begins. */
  anchor: number;
}

export const NO_SELECTION: Selection = { ids: new Set(), all: false, anchor: -1 };

export const isEmpty = (selection: Selection): boolean => !selection.all && selection.ids.size === 0;

export const isSelected = (selection: Selection, id: string): boolean =>
  selection.all || selection.ids.has(id);

/** Takes a row in or out. From "all that match" a single row cannot be left out: the choice begins anew. */
export function toggle(selection: Selection, id: string, index: number): Selection {
  if (selection.all) return { ids: new Set([id]), all: false, anchor: index };
  const ids = new Set(selection.ids);
  if (!ids.delete(id)) ids.add(id);
  return { ids, all: false, anchor: index };
}

/** Adds the rows from the last one touched to this one. */
export function extend(selection: Selection, rows: readonly { id: string }[], to: number): Selection {
  const from = selection.anchor < 0 ? to : selection.anchor;
  const ids = new Set(selection.ids);
  for (const row of rows.slice(Math.min(from, to), Math.max(from, to) + 1)) ids.add(row.id);
  return { ids, all: false, anchor: to };
}
