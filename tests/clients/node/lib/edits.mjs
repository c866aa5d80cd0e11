/** The edits of a review as the contract has them: each is one change. */
import { randomUUID } from "node:crypto";
import * as A from "@automerge/automerge";

export const str = (text) => new A.ImmutableString(text);

export const setScore = (handle, me, name, value) => handle.change((doc) => void (doc.scores[me][name] = value));

export const setExpected = (handle, value) =>
  handle.change((doc) => {
    doc.expected.set = true;
    doc.expected.value = value;
  });

export function addComment(handle, me, text, { id = randomUUID(), at = new Date(), anchor } = {}) {
  handle.change((doc) => {
    doc.comments[id] = { author: str(me), at, text, ...(anchor && { anchor }) };
  });
  return id;
}

export const setStatus = (handle, me, value) =>
  handle.change((doc) => {
    doc.status.value = str(value);
    doc.status.by = str(me);
    doc.status.at = new Date();
  });

/** A document as plain JSON: texts and Str alike as strings, times in milliseconds. */
export function plain(value) {
  if (value instanceof Date) return value.getTime();
  if (A.isImmutableString(value)) return value.toString();
  if (Array.isArray(value)) return value.map(plain);
  if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
  return value;
}
