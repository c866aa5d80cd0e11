/**
 * Taking an edit back, and doing it again: the places that it changed get their earlier values, each only while it
 * still holds what the edit left there. What somebody else has written since stays.
 */
import type { Json } from "./document.ts";
import {
  assign,
  clearExpected,
  type Draft,
  setChoice,
  setExpected,
  setNote,
  setScore,
  setStatus,
  setTag,
  unassign,
} from "./edit.ts";
import { sameJson } from "./json-tree.ts";
import type { Judgement, ReviewView } from "./view.ts";

/** One place of a review, as a plain value, and how it is written. */
interface Place {
  /** JSON Pointer. */
  path: string;
  read: (view: ReviewView) => Json | undefined;
  write: (draft: Draft, value: Json | undefined, now: { held: Json | undefined; at: Date }) => void;
}

const keys = (...maps: ({ readonly [key: string]: unknown } | undefined)[]) => [
  ...new Set(maps.flatMap((map) => Object.keys(map ?? {}))),
];

/** The places that one person's presses reach; words that are typed in editors have an undo of their own. */
function places(before: ReviewView, after: ReviewView, me: string): Place[] {
  return [
    ...keys(before.scores[me], after.scores[me]).map((score) => ({
      path: `/scores/${score}`,
      read: (view: ReviewView) => view.scores[me]?.[score] as Json | undefined,
      write: (draft: Draft, value: Json | undefined) => writeScore(draft, me, score, value as Judgement),
    })),
    ...keys(before.notes[me], after.notes[me]).map((score) => ({
      path: `/notes/${score}`,
      read: (view: ReviewView) => view.notes[me]?.[score] ?? "",
      write: (draft: Draft, value: Json | undefined) => setNote(draft, me, score, String(value ?? "")),
    })),
    ...keys(before.tags, after.tags).map((tag) => ({
      path: `/tags/${tag}`,
      read: (view: ReviewView) => view.tags[tag],
      write: (draft: Draft, value: Json | undefined) => setTag(draft, tag, value as boolean | undefined),
    })),
    ...keys(before.assignees, after.assignees).map((user) => ({
      path: `/assignees/${user}`,
      read: (view: ReviewView) => view.assignees[user] !== undefined,
      write: (draft: Draft, value: Json | undefined, { at }: { at: Date }) =>
        value ? assign(draft, me, user, at) : unassign(draft, user),
    })),
    {
      path: "/expected",
      read: ({ expected }) => (expected.set ? { value: expected.value } : null),
      write: (draft, value, { held }) => {
        const [wanted, now] = [value, held] as ({ value: Json } | null)[];
        if (wanted) setExpected(draft, now?.value ?? null, wanted.value);
        else clearExpected(draft);
      },
    },
    {
      path: "/completed",
      read: (view) => view.completed[me],
      write: (draft, value) => {
        if (typeof value === "number") draft.completed[me] = new Date(value);
        else delete draft.completed[me];
      },
    },
    {
      path: "/status",
      read: (view) => view.status.value,
      write: (draft, value, { at }) => setStatus(draft, me, value as ReviewView["status"]["value"], at),
    },
  ];
}

function writeScore(draft: Draft, me: string, score: string, value: Judgement | undefined): void {
  if (typeof value === "string" || Array.isArray(value)) setChoice(draft, me, score, value);
  else setScore(draft, me, score, typeof value === "number" ? value : null);
}

/** Nothing there and a withdrawn value read the same. */
const same = (a: Json | undefined, b: Json | undefined) => sameJson(a ?? null, b ?? null);

const differing = (before: ReviewView, after: ReviewView, me: string) =>
  places(before, after, me).filter(({ read }) => !same(read(before), read(after)));

/** Pointers of what an edit changed among those places. */
export function changedPlaces(before: ReviewView, after: ReviewView, me: string): string[] {
  return differing(before, after, me).map(({ path }) => path);
}

/**
 * What is to be written so that the places of an edit, which led `from` one state `to` another, hold what they held
 * in `from`; and which of them others have changed since, which stay as they are.
 */
export function restoration(now: ReviewView, from: ReviewView, to: ReviewView, me: string) {
  const all = differing(from, to, me);
  const mine = all.filter(({ read }) => same(read(now), read(to)));
  return {
    restored: mine.map(({ path }) => path),
    kept: all.filter((place) => !mine.includes(place)).map(({ path }) => path),
    write: (draft: Draft, at: Date) => {
      for (const { read, write } of mine) write(draft, read(from), { held: read(to), at });
    },
  };
}
