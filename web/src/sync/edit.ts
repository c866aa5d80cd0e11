/**
 * Everything a person can do to a review, as plain functions over the draft of one change.
 *
 * The server's gate refuses what is not written exactly so: own key, own name beside what is signed,
 * null instead of delete for a withdrawn score, one change for what belongs together.
 */
import * as A from "@automerge/automerge/slim";
import { type Json, MAX_SPLICE, type ReviewDoc, type ReviewStatus, scalar, type Tree } from "./document.ts";
import { toTree, writeDifference } from "./json-tree.ts";

/** An edit that cannot be made; the message is for the person. */
export class EditRefused extends Error {}

export type Draft = ReviewDoc;

/** Sets or withdraws (null) a number between 0 and 1. */
export function setScore(draft: Draft, me: string, score: string, value: number | null): void {
  if (value !== null && !(Number.isFinite(value) && value >= 0 && value <= 1)) {
    throw new EditRefused(`${score} takes a number from 0 to 1, not ${value}`);
  }
  ownScores(draft, me)[score] = value === null ? null : Number(value.toFixed(6)) + 0;
}

/** Chooses one option, several, or none (null) of a score that is written to the expected value. */
export function setChoice(
  draft: Draft,
  me: string,
  score: string,
  choice: string | readonly string[] | null,
): void {
  const own = ownScores(draft, me);
  if (choice === null) own[score] = null;
  else if (typeof choice === "string") own[score] = scalar(choice);
  else own[score] = Object.fromEntries(choice.map((option) => [option, true]));
}

function ownScores(draft: Draft, me: string): ReviewDoc["scores"][string] {
  const own = draft.scores[me];
  if (!own) throw new EditRefused("Your place in this review is not ready yet: wait a second and try again");
  return own;
}

/** Why a score was given. The note is one shared text per reviewer and score. */
export function setNote(draft: Draft, me: string, score: string, text: string): void {
  const own = draft.notes[me];
  if (!own) throw new EditRefused("Your place in this review is not ready yet: wait a second and try again");
  if (typeof own[score] === "string") A.updateText(draft as A.Doc<unknown>, ["notes", me, score], text);
  else if (text !== "") own[score] = text;
}

/** The whole text of a free-form score; only what differs is written. */
export function setField(draft: Draft, score: string, text: string): void {
  if (typeof draft.fields[score] !== "string") {
    throw new EditRefused(`${score} is not ready in this review yet: reload the page`);
  }
  A.updateText(draft as A.Doc<unknown>, ["fields", score], text);
}

/** Inserts and deletes in a text. Long insertions must be cut by `pieces` and go into changes of their own. */
export function splice(
  draft: Draft,
  path: (string | number)[],
  index: number,
  remove: number,
  insert: string,
): void {
  A.splice(draft as A.Doc<unknown>, path.slice(), index, remove, insert);
}

/** `text` in pieces that each fit one change; never cuts a surrogate pair in half. */
export function pieces(text: string, size = MAX_SPLICE): string[] {
  const list: string[] = [];
  for (let start = 0; start < text.length; ) {
    let end = Math.min(text.length, start + size);
    const last = text.charCodeAt(end - 1);
    if (end < text.length && last >= 0xd800 && last <= 0xdbff) end--;
    list.push(text.slice(start, end));
    start = end;
  }
  return list;
}

/** The first edit of the expected value: from here on the review's value stands instead of the logged one. */
export function startExpected(draft: Draft, value: Json): void {
  draft.expected.set = true;
  // A whole value that is text is always shared text: people write it together.
  draft.expected.value = typeof value === "string" ? value : toTree(value);
}

/** Writes what changed between the value a person saw and the one they made of it. */
export function setExpected(draft: Draft, base: Json, next: Json): void {
  if (!draft.expected.set) startExpected(draft, next);
  else writeDifference(draft, ["expected", "value"], base, next);
}

/** Back to what was logged. */
export function clearExpected(draft: Draft): void {
  draft.expected.set = false;
}

/** Settles a conflict: the chosen value is written again, which removes the rivals, and signed beside it. */
export function settle(draft: Draft, path: string[], value: Json, me: string, now: Date): void {
  let parent: unknown = draft;
  for (const key of path.slice(0, -1)) parent = (parent as { [key: string]: unknown })[key];
  const key = path[path.length - 1] as string;
  const whole = path.length === 2 && typeof value === "string";
  (parent as { [key: string]: Tree })[key] = whole ? value : toTree(value, path.slice(2));
  draft.expected.settled = { by: scalar(me), at: now };
}

/** Adds, removes or leaves (undefined) a tag against what was logged. */
export function setTag(draft: Draft, tag: string, state: boolean | undefined): void {
  if (state === undefined) delete draft.tags[tag];
  else draft.tags[tag] = state;
}

export interface NewComment {
  id: string;
  text: string;
  parent?: string;
  anchor?: { [key: string]: Json };
}

/** One change makes the whole comment, so that nobody sees half of it. */
export function addComment(draft: Draft, me: string, comment: NewComment, now: Date): void {
  const text = comment.text.trim();
  if (text === "") throw new EditRefused("A comment needs some text");
  draft.comments[comment.id] = {
    author: scalar(me),
    at: now,
    text,
    ...(comment.parent === undefined ? {} : { parent: scalar(comment.parent) }),
    ...(comment.anchor === undefined ? {} : { anchor: toTree(comment.anchor) as { [key: string]: Tree } }),
  };
}

export function editComment(draft: Draft, id: string, text: string, now: Date): void {
  const comment = draft.comments[id];
  if (!comment) throw new EditRefused("This comment is gone");
  if (text.trim() === "") throw new EditRefused("A comment needs some text: delete it instead");
  A.updateText(draft as A.Doc<unknown>, ["comments", id, "text"], text.trim());
  comment.edited_at = now;
}

export function deleteComment(draft: Draft, id: string): void {
  const comment = draft.comments[id];
  if (comment) comment.deleted = true;
}

export function resolveComment(draft: Draft, id: string, resolved: boolean): void {
  const comment = draft.comments[id];
  if (comment) comment.resolved = resolved;
}

export function setStatus(draft: Draft, me: string, status: ReviewStatus, now: Date): void {
  draft.status.value = scalar(status);
  draft.status.by = scalar(me);
  draft.status.at = now;
}

export function assign(draft: Draft, me: string, user: string, now: Date): void {
  draft.assignees[user] = { by: scalar(me), at: now };
}

export function unassign(draft: Draft, user: string): void {
  delete draft.assignees[user];
}

/** A reviewer is done; the review is complete. */
export function complete(draft: Draft, me: string, now: Date): void {
  draft.completed[me] = now;
  setStatus(draft, me, "complete", now);
}

/** Takes completion back: the review is in progress again. */
export function reopen(draft: Draft, me: string, now: Date): void {
  delete draft.completed[me];
  setStatus(draft, me, "in_progress", now);
}
