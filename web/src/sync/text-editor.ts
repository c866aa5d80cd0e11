/**
 * Binds a CodeMirror editor to one text of a review.
 *
 * Local edits become splices; edits of others become transactions outside the undo history, so that undo never
 * takes back what somebody else wrote. Until the text exists (`read` answers null) the editor is free; the first
 * local edit hands the whole text to `start`.
 */
import * as A from "@automerge/automerge/slim";
import { Annotation, ChangeSet, type ChangeSpec, type Extension, Transaction } from "@codemirror/state";
import { type EditorView, ViewPlugin, type ViewUpdate } from "@codemirror/view";
import { pieces } from "./edit.ts";

/** What the binding needs of a document; a `ReviewSession` offers it, tests offer less. */
export interface TextSource {
  doc(): A.Doc<unknown>;
  /** Makes one change; may throw to refuse it. */
  change(edit: (draft: A.Doc<unknown>) => void): void;
  subscribe(listener: () => void): () => void;
}

export interface TextBinding {
  source: TextSource;
  path: readonly (string | number)[];
  /** False while the text at `path` does not count, as for an expected value that was given up. */
  when?: (doc: A.Doc<unknown>) => boolean;
  /** Makes the text from what stands in the editor at the first edit. */
  start?: (text: string) => void;
  /** Told when an edit was refused; the editor then shows the document again. */
  onRefused?: (error: unknown, text: string) => void;
}

/** Marks transactions that came from the document. */
export const fromDocument = Annotation.define<boolean>();

/** The text at `path`, or null when there is none that can be edited letter by letter. */
export function textAt(doc: A.Doc<unknown>, path: readonly (string | number)[]): string | null {
  let value: unknown = doc;
  for (const key of path) {
    if (value === null || typeof value !== "object") return null;
    value = (value as { [key: string]: unknown })[key];
  }
  return typeof value === "string" ? value : null;
}

/** The smallest single replacement that turns `from` into `to`; null when they are equal. */
export function replacement(from: string, to: string): { from: number; to: number; insert: string } | null {
  if (from === to) return null;
  const most = Math.min(from.length, to.length);
  let head = 0;
  while (head < most && from.charCodeAt(head) === to.charCodeAt(head)) head++;
  if (head > 0 && isHighSurrogate(from.charCodeAt(head - 1))) head--;
  let tail = 0;
  while (
    tail < most - head &&
    from.charCodeAt(from.length - 1 - tail) === to.charCodeAt(to.length - 1 - tail)
  )
    tail++;
  if (tail > 0 && isLowSurrogate(from.charCodeAt(from.length - tail))) tail--;
  return { from: head, to: from.length - tail, insert: to.slice(head, to.length - tail) };
}

const isHighSurrogate = (unit: number) => unit >= 0xd800 && unit <= 0xdbff;
const isLowSurrogate = (unit: number) => unit >= 0xdc00 && unit <= 0xdfff;

export function sharedText(binding: TextBinding): Extension {
  return ViewPlugin.define((view) => new Binding(view, binding));
}

class Binding {
  readonly #view: EditorView;
  readonly #binding: TextBinding;
  readonly #stop: () => void;
  #heads: A.Heads;
  #local = false;

  constructor(view: EditorView, binding: TextBinding) {
    this.#view = view;
    this.#binding = binding;
    this.#heads = A.getHeads(binding.source.doc());
    this.#stop = binding.source.subscribe(this.#onDocument);
    // The text may have moved on between the first render and now; a view cannot change while it is being made.
    queueMicrotask(this.#matchText);
  }

  update(update: ViewUpdate): void {
    const mine = update.transactions.filter((part) => part.docChanged && !part.annotation(fromDocument));
    if (mine.length === 0) return;
    const text = update.state.sliceDoc();
    this.#local = true;
    try {
      if (this.#text() === null) this.#binding.start?.(text);
      else for (const part of mine) this.#write(part.changes);
    } catch (error) {
      this.#binding.onRefused?.(error, text);
      queueMicrotask(this.#matchText);
    } finally {
      this.#local = false;
      this.#heads = A.getHeads(this.#binding.source.doc());
    }
  }

  /** The shared text, or null while there is none. */
  #text(): string | null {
    const { source, path, when } = this.#binding;
    const doc = source.doc();
    return when && !when(doc) ? null : textAt(doc, path);
  }

  /** One change per transaction; only what is too long for one change is spread over several. */
  #write(changes: ChangeSet): void {
    const { source, path } = this.#binding;
    const splices: { index: number; remove: number; insert: string }[] = [];
    let long = false;
    changes.iterChanges((fromA, toA, fromB, _toB, inserted) => {
      const [first = "", ...rest] = pieces(inserted.toString());
      splices.push({ index: fromB, remove: toA - fromA, insert: first });
      let index = fromB + first.length;
      for (const piece of rest) {
        long = true;
        splices.push({ index, remove: 0, insert: piece });
        index += piece.length;
      }
    });
    // `splice` eats the path it is given.
    const apply = (draft: A.Doc<unknown>, part: (typeof splices)[number]) =>
      A.splice(draft, path.slice(), part.index, part.remove, part.insert);
    if (long) for (const part of splices) source.change((draft) => apply(draft, part));
    else
      source.change((draft) => {
        for (const part of splices) apply(draft, part);
      });
  }

  #onDocument = (): void => {
    if (this.#local) return;
    const doc = this.#binding.source.doc();
    const heads = A.getHeads(doc);
    if (heads.length === this.#heads.length && heads.every((head, i) => head === this.#heads[i])) return;
    const before = this.#heads;
    this.#heads = heads;
    const text = this.#text();
    // The same words written anew, as when a conflict is settled, leave the editor as it is.
    if (text === null || text === this.#view.state.sliceDoc()) return;
    if (A.hasHeads(doc, before)) this.#follow(A.diff(doc, before, heads));
    this.#matchText();
  };

  /** Repeats the patches of the text in the editor, so that every caret stays at its letter. */
  #follow(patches: A.Patch[]): void {
    const { path } = this.#binding;
    let set = ChangeSet.empty(this.#view.state.doc.length);
    try {
      for (const patch of patches) {
        // A new text in the old one's place has no letters in common with it: the comparison settles it.
        if (isWhole(patch, path)) return;
        const spec = toSpec(patch, path);
        if (spec) set = set.compose(ChangeSet.of(spec, set.newLength, "\n"));
      }
    } catch {
      // Patches that do not fit what the editor shows: the comparison settles it.
      return;
    }
    this.#dispatch(set);
  }

  /** Makes the editor show the document's text, moving as little as possible. */
  #matchText = (): void => {
    const text = this.#text();
    if (text === null) return;
    const change = replacement(this.#view.state.sliceDoc(), text);
    if (change) this.#dispatch(ChangeSet.of(change, this.#view.state.doc.length, "\n"));
  };

  #dispatch(changes: ChangeSet): void {
    if (changes.empty) return;
    this.#view.dispatch({
      changes,
      annotations: [fromDocument.of(true), Transaction.remote.of(true), Transaction.addToHistory.of(false)],
    });
  }

  destroy(): void {
    this.#stop();
  }
}

/** True when the patch replaces the text as a whole, or something around it. */
function isWhole(patch: A.Patch, path: readonly (string | number)[]): boolean {
  return (
    patch.path.length <= path.length &&
    patch.path.every((key, i) => key === path[i]) &&
    patch.action !== "conflict"
  );
}

/** A patch of the text as a change of the editor; null when it is about something else. */
function toSpec(patch: A.Patch, path: readonly (string | number)[]): ChangeSpec | null {
  const inside = patch.path.length === path.length + 1 && path.every((key, i) => key === patch.path[i]);
  if (!inside) return null;
  const from = patch.path[path.length] as number;
  if (patch.action === "splice") return { from, insert: String(patch.value) };
  return patch.action === "del" ? { from, to: from + (patch.length ?? 1) } : null;
}
