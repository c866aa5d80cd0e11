/**
 * The review as the page reads it: plain values, and the same object again for every part that did not change,
 * so that a component which shows one score is not drawn again when somebody types a comment.
 */
import * as A from "@automerge/automerge/slim";
import { type Conflict, findConflicts } from "./conflicts.ts";
import type { CommentDoc, Json, JudgementLeaf, ReviewDoc, ReviewStatus, Signed, Tree } from "./document.ts";
import { STATUSES } from "./document.ts";
import { toJson } from "./json-tree.ts";

/** A number, an option's name, several options' names, or null (withdrawn). */
export type Judgement = number | string | readonly string[] | null;

export interface Comment {
  readonly id: string;
  readonly author: string;
  readonly at: number;
  readonly text: string;
  readonly editedAt: number | null;
  readonly deleted: boolean;
  readonly resolved: boolean;
  readonly parent: string | null;
  readonly anchor: Json;
}

export interface Expected {
  /** False: nobody has changed what was logged. */
  readonly set: boolean;
  readonly value: Json;
  /** The value is one shared text that can be edited letter by letter. */
  readonly isText: boolean;
  readonly conflicts: readonly Conflict[];
}

export interface ReviewView {
  readonly scores: { readonly [reviewer: string]: { readonly [score: string]: Judgement } };
  readonly notes: { readonly [reviewer: string]: { readonly [score: string]: string } };
  readonly expected: Expected;
  readonly fields: { readonly [score: string]: string };
  readonly tags: { readonly [tag: string]: boolean };
  /** Oldest first, deleted ones left out. */
  readonly comments: readonly Comment[];
  readonly status: { readonly value: ReviewStatus; readonly by: string; readonly at: number };
  readonly assignees: { readonly [user: string]: { readonly by: string; readonly at: number } };
  readonly completed: { readonly [reviewer: string]: number };
}

/** Reads documents of one review, one after another, and shares what stayed equal. */
export class ReviewReader {
  #doc: A.Doc<ReviewDoc> | null = null;
  #view: ReviewView | null = null;

  read(doc: A.Doc<ReviewDoc>): ReviewView {
    const before = this.#doc;
    const last = this.#view;
    if (last && before === doc) return last;
    const part = <K extends keyof ReviewView & keyof ReviewDoc>(
      key: K,
      make: (part: ReviewDoc[K]) => ReviewView[K],
    ) => {
      if (last && before && before[key] === doc[key]) return last[key];
      return share(last?.[key], make(doc[key]));
    };
    const view: ReviewView = {
      scores: part("scores", (all) => mapValues(all ?? {}, (own) => mapValues(own, readJudgement))),
      notes: part("notes", (all) => mapValues(all ?? {}, (own) => mapValues(own, String))),
      // A rival value that loses leaves the visible part as it was, so this one is read every time.
      expected: share(last?.expected, readExpected(doc.expected)),
      fields: part("fields", (all) => mapValues(all ?? {}, String)),
      tags: part("tags", (all) => mapValues(all ?? {}, Boolean)),
      comments: part("comments", readComments),
      status: part("status", readStatus),
      assignees: part("assignees", (all) => mapValues(all ?? {}, readSigned)),
      completed: part("completed", (all) => mapValues(all ?? {}, time)),
    };
    this.#doc = doc;
    this.#view =
      last &&
      Object.keys(view).every((key) => view[key as keyof ReviewView] === last[key as keyof ReviewView])
        ? last
        : view;
    return this.#view;
  }
}

/** `next`, with every part that equals the same part of `last` replaced by that very object. */
export function share<T>(last: unknown, next: T): T {
  if (Object.is(last, next)) return next;
  if (typeof last !== "object" || typeof next !== "object" || last === null || next === null) return next;
  if (Array.isArray(last) !== Array.isArray(next)) return next;
  const before = last as { [key: string]: unknown };
  const after = next as { [key: string]: unknown };
  const keys = Object.keys(after);
  let equal = keys.length === Object.keys(before).length;
  for (const key of keys) {
    after[key] = share(before[key], after[key]);
    if (!Object.hasOwn(before, key) || !Object.is(after[key], before[key])) equal = false;
  }
  return equal ? (last as T) : next;
}

function mapValues<V, W>(source: { [key: string]: V }, make: (value: V) => W): { [key: string]: W } {
  return Object.fromEntries(Object.entries(source).map(([key, value]) => [key, make(value)]));
}

/** Options of a multiple choice come back in the order of their names; the panel puts them in the score's order. */
export function readJudgement(leaf: JudgementLeaf): Judgement {
  if (leaf === null || typeof leaf === "number") return leaf;
  if (A.isImmutableString(leaf) || typeof leaf === "string") return String(leaf);
  return Object.keys(leaf)
    .filter((option) => (leaf as { [option: string]: boolean })[option])
    .sort();
}

function readExpected(expected: ReviewDoc["expected"]): Expected {
  return {
    set: expected?.set === true,
    value: toJson(expected?.value),
    isText: expected?.set === true && typeof expected.value === "string",
    conflicts: expected?.set
      ? findConflicts(expected as unknown as { [key: string]: Tree }, "value", ["expected", "value"])
      : [],
  };
}

function readComments(all: ReviewDoc["comments"]): Comment[] {
  return Object.entries(all ?? {})
    .filter(([, comment]) => comment.deleted !== true)
    .map(([id, comment]) => readComment(id, comment))
    .sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
}

function readComment(id: string, comment: CommentDoc): Comment {
  return {
    id,
    author: String(comment.author ?? ""),
    at: time(comment.at),
    text: String(comment.text ?? ""),
    editedAt: comment.edited_at === undefined ? null : time(comment.edited_at),
    deleted: false,
    resolved: Boolean(comment.resolved),
    parent: comment.parent === undefined ? null : String(comment.parent),
    anchor: comment.anchor === undefined ? null : toJson(comment.anchor),
  };
}

function readStatus(status: ReviewDoc["status"]): ReviewView["status"] {
  const word = String(status?.value ?? "none");
  const value = (STATUSES as readonly string[]).includes(word) ? (word as ReviewStatus) : "none";
  return { value, by: String(status?.by ?? ""), at: time(status?.at) };
}

function readSigned(signed: Signed): { by: string; at: number } {
  return { by: String(signed.by ?? ""), at: time(signed.at) };
}

function time(at: Date | undefined): number {
  return at instanceof Date ? at.getTime() : Number(at ?? 0);
}
