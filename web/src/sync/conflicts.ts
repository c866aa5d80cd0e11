/**
 * Values that two people wrote at the same moment in one place. Automerge keeps both and shows one; we show both.
 */
import * as A from "@automerge/automerge/slim";
import { type Json, pointer, type ReviewDoc, type Tree } from "./document.ts";
import { sameJson, toJson } from "./json-tree.ts";

export interface Rival {
  /** The operation that wrote it, `counter@actor`. */
  readonly op: string;
  readonly value: Json;
}

export interface Conflict {
  /** JSON Pointer into the document. */
  readonly path: string;
  /** The value that is shown comes first. */
  readonly rivals: readonly Rival[];
}

/** More conflicts than a person would settle one by one. */
const MOST = 20;

/** The conflicts at `key` of `parent` and below it. Rivals that say the same are no conflict. */
export function findConflicts(
  parent: { [key: string]: Tree },
  key: string,
  path: (string | number)[],
): Conflict[] {
  const found: Conflict[] = [];
  visit(parent, key, path, found);
  return found;
}

function visit(parent: Tree, key: string | number, path: (string | number)[], found: Conflict[]): void {
  if (found.length >= MOST || path.length > 9) return;
  const shown = (parent as { [key: string]: Tree })[key];
  const rivals = A.getConflicts(parent as A.Doc<unknown>, key) as { [op: string]: Tree } | undefined;
  if (rivals) {
    const list = Object.entries(rivals).map(([op, value]) => ({ op, value: toJson(value) }));
    const now = toJson(shown);
    if (list.some((rival) => !sameJson(rival.value, now))) {
      list.sort((a, b) => Number(sameJson(b.value, now)) - Number(sameJson(a.value, now)));
      found.push({ path: pointer(path), rivals: list });
    }
  }
  if (shown === null || typeof shown !== "object" || A.isImmutableString(shown) || shown instanceof Date)
    return;
  const keys = Array.isArray(shown) ? shown.keys() : Object.keys(shown);
  for (const inner of keys) visit(shown, inner, [...path, inner], found);
}

/** The change that wrote an operation: its hash (history names its author), its actor and its time. */
export function changeOf(
  doc: A.Doc<ReviewDoc>,
  op: string,
): { hash: string; actor: string; at: number } | null {
  const [counter, actor] = op.split("@");
  const number = Number(counter);
  const change = A.getChangesMetaSince(doc, []).find(
    (meta) => meta.actor === actor && meta.startOp <= number && number <= meta.maxOp,
  );
  return change ? { hash: change.hash, actor: change.actor, at: change.time * 1000 } : null;
}
