/**
 * JSON in and out of the document.
 *
 * Writing an edited value replaces as little as it can: untouched keys keep their identity, so two people who
 * edit different keys at once both keep their work, and prose is edited letter by letter instead of replaced.
 */
import * as A from "@automerge/automerge/slim";
import { type Json, MAX_SPLICE, pointer, scalar, type Tree } from "./document.ts";

/** Why a value cannot go into the document; the message says what would be right. */
export class JsonRefused extends Error {}

type Path = (string | number)[];
type Container = { [key: string]: Tree } | Tree[];

/** Levels of maps and lists that the server takes. */
const DEPTH = 8;

/** Prose is what two people may write together: three words or more, or several lines. The server draws the same line. */
export function isProse(text: string): boolean {
  return text.length <= MAX_SPLICE && (text.includes("\n") || /\S\s+\S+\s+\S/.test(text));
}

/** The tree as plain JSON. Integers that JavaScript cannot hold exactly come out as text. */
export function toJson(tree: Tree | undefined): Json {
  if (tree === undefined || tree === null) return null;
  if (typeof tree === "bigint") return tree.toString();
  if (typeof tree !== "object") return tree;
  // Lists first: inside a change automerge takes its list proxies for scalar strings.
  if (Array.isArray(tree)) return tree.map(toJson);
  if (A.isImmutableString(tree)) return tree.toString();
  if (tree instanceof Date) return tree.toISOString();
  return Object.fromEntries(Object.entries(tree).map(([key, value]) => [key, toJson(value)]));
}

/** A JSON value in the form that is written into the document. */
export function toTree(value: Json, path: Path = []): Tree {
  if (typeof value === "number") return checkedNumber(value, path);
  if (typeof value === "string") return isProse(value) ? value : scalar(value);
  if (value === null || typeof value !== "object") return value;
  if (path.length >= DEPTH)
    throw new JsonRefused(`${pointer(path)} is nested too deep: eight levels are kept`);
  if (Array.isArray(value)) return value.map((item, index) => toTree(item, [...path, index]));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [checkedKey(key, path), toTree(item, [...path, key])]),
  );
}

/** Integers past 2^53 would be stored as something else: the person writes them as text instead. */
function checkedNumber(value: number, path: Path): number {
  if (!Number.isFinite(value))
    throw new JsonRefused(`${pointer(path) || "The value"} is not a finite number`);
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
    throw new JsonRefused(
      `${pointer(path) || "The number"} is beyond 2^53 and would lose digits: write it as text, "${value}"`,
    );
  }
  return value === 0 ? 0 : value;
}

function checkedKey(key: string, path: Path): string {
  if (key === "__proto__")
    throw new JsonRefused(`${pointer(path) || "The object"} cannot have the key "__proto__"`);
  return key;
}

/** Parses JSON text and refuses integers whose digits JavaScript would silently change. */
export function parseJson(text: string): Json {
  const outsideStrings = text.replace(/"(?:[^"\\]|\\.)*"/g, '""');
  for (const [digits] of outsideStrings.matchAll(/-?\b\d{16,}\b(?![.eE])/g)) {
    if (!Number.isSafeInteger(Number(digits))) {
      throw new JsonRefused(`${digits} is beyond 2^53 and would lose digits: write it as text, "${digits}"`);
    }
  }
  return JSON.parse(text) as Json;
}

/** Deep equality of two JSON values; the order of keys does not matter. */
export function sameJson(a: Json, b: Json): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    return (
      Array.isArray(a) &&
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((item, i) => sameJson(item, b[i] as Json))
    );
  }
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && sameJson(a[key] as Json, b[key] as Json))
  );
}

/** True when `base` and `next` are both objects or both lists, so that a difference can go inside. */
function sameKind(base: Json | undefined, next: Json): boolean {
  if (base === null || base === undefined || next === null) return false;
  return typeof base === "object" && typeof next === "object" && Array.isArray(base) === Array.isArray(next);
}

/**
 * Writes what changed between `base` and `next` at `path` of `draft`, and nothing else.
 *
 * `base` is what the person saw when they began; where the document has moved on since, only the keys they
 * touched are written.
 */
export function writeDifference(draft: object, path: Path, base: Json | undefined, next: Json): void {
  if (base !== undefined && sameJson(base, next)) return;
  const parent = at(draft, path.slice(0, -1)) as Container;
  const key = path[path.length - 1] as string | number;
  const current = (parent as { [key: string]: Tree })[key];
  if (sameKind(base, next) && sameKind(toJson(current), next)) {
    if (Array.isArray(next)) writeList(draft, path, base as Json[], next);
    else writeObject(draft, path, base as { [key: string]: Json }, next as { [key: string]: Json });
    return;
  }
  if (typeof next === "string" && typeof current === "string" && (isProse(next) || path.length <= 2)) {
    A.updateText(draft as A.Doc<unknown>, path.slice(), next);
    return;
  }
  (parent as { [key: string]: Tree })[key] = toTree(next, path.slice(2));
}

function writeObject(
  draft: object,
  path: Path,
  base: { [key: string]: Json },
  next: { [key: string]: Json },
): void {
  const target = at(draft, path) as { [key: string]: Tree };
  for (const key of Object.keys(base)) {
    if (!Object.hasOwn(next, key) && Object.hasOwn(target, key)) delete target[key];
  }
  for (const [key, value] of Object.entries(next)) {
    writeDifference(
      draft,
      [...path, checkedKey(key, path)],
      Object.hasOwn(base, key) ? base[key] : undefined,
      value,
    );
  }
}

/** Lists keep their common head and tail; items in between are edited in place, then added or cut. */
function writeList(draft: object, path: Path, base: Json[], next: Json[]): void {
  const target = at(draft, path) as Tree[];
  let head = 0;
  while (head < base.length && head < next.length && sameJson(base[head] as Json, next[head] as Json)) head++;
  let tail = 0;
  while (
    tail < base.length - head &&
    tail < next.length - head &&
    sameJson(base[base.length - 1 - tail] as Json, next[next.length - 1 - tail] as Json)
  ) {
    tail++;
  }
  const oldMiddle = base.length - head - tail;
  const newMiddle = next.length - head - tail;
  const inPlace = Math.min(oldMiddle, newMiddle, Math.max(0, target.length - head));
  for (let i = 0; i < inPlace; i++)
    writeDifference(draft, [...path, head + i], base[head + i], next[head + i] as Json);
  if (oldMiddle > inPlace) {
    const cut = Math.min(oldMiddle - inPlace, Math.max(0, target.length - head - inPlace));
    if (cut > 0) A.deleteAt(target, head + inPlace, cut);
  }
  if (newMiddle > inPlace) {
    const added = next
      .slice(head + inPlace, head + newMiddle)
      .map((item, i) => toTree(item, [...path.slice(2), head + inPlace + i]));
    A.insertAt(target, Math.min(head + inPlace, target.length), ...added);
  }
}

function at(root: object, path: Path): unknown {
  let value: unknown = root;
  for (const key of path) value = (value as { [key: string]: unknown })[key];
  return value;
}
