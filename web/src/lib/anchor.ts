/**
 * Places in texts that comments speak of. Of what was logged, which never changes: UTF-16 offsets and a hash of the text, so
 * that the place is found wherever that text is shown and nowhere else. Of the expected value, which people edit: two
 * automerge cursors, which move with the letters.
 */

/** Longer selections are quoted by their beginning. */
const QUOTE = 280;

export type LoggedField = "input" | "output";

export interface LoggedAnchor {
  readonly field: LoggedField;
  readonly start: number;
  readonly end: number;
  /** {@link hashOf} of the whole text. */
  readonly hash: string;
  readonly quote: string;
}

export interface ExpectedAnchor {
  readonly field: "expected";
  /** Cursors of `A.getCursor`. */
  readonly start: string;
  readonly end: string;
  readonly quote: string;
}

export type Anchor = LoggedAnchor | ExpectedAnchor;

/** The anchor of a comment, whoever wrote it; null when it is none of these. */
export function readAnchor(json: unknown): Anchor | null {
  if (typeof json !== "object" || json === null) return null;
  const { field, start, end, hash, quote = "" } = json as { [key: string]: unknown };
  if (typeof quote !== "string") return null;
  if (field === "expected" && typeof start === "string" && typeof end === "string") {
    return { field, start, end, quote };
  }
  const logged = field === "input" || field === "output";
  if (!logged || typeof hash !== "string" || !Number.isInteger(start) || !Number.isInteger(end)) return null;
  if ((start as number) < 0 || (end as number) <= (start as number)) return null;
  return { field, start: start as number, end: end as number, hash, quote };
}

/** FNV-1a of the UTF-16 units, 32 bits as hex, after the number of units: it tells texts of one span apart, no more. */
export function hashOf(text: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return `${text.length}-${(hash >>> 0).toString(16).padStart(8, "0")}`;
}

export function quoteOf(words: string): string {
  const trimmed = words.trim();
  return trimmed.length > QUOTE ? `${trimmed.slice(0, QUOTE)}…` : trimmed;
}

/** What elements show: the whole text, before Markdown took its signs away and a fold its end. */
const shown = new WeakMap<Element, { field: LoggedField; text: string }>();
const SELECTOR = "[data-anchored]";

/** Says that an element shows a logged text. */
export function register(element: Element, field: LoggedField, text: string): void {
  shown.set(element, { field, text });
}

/** Letters of a text node, from `at` on, and where they stand in the whole text. */
interface Piece {
  node: Text;
  at: number;
  length: number;
  from: number;
}

/**
 * Where the text nodes of an element stand in its text. Rendering leaves signs out and changes none of the letters, so each
 * node is looked for after the one before it; where Markdown took the indent of lines away, line by line. What is not found
 * has no place.
 */
function pieces(element: Element, text: string): Piece[] {
  const found: Piece[] = [];
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  let from = 0;
  const place = (node: Text, at: number, words: string): boolean => {
    const where = text.indexOf(words, from);
    if (where < 0) return false;
    found.push({ node, at, length: words.length, from: where });
    from = where + words.length;
    return true;
  };
  while (walker.nextNode()) {
    const node = walker.currentNode as Text;
    if (node.data.trim() === "" || place(node, 0, node.data)) continue;
    let at = 0;
    for (const line of node.data.split("\n")) {
      if (line.trim() !== "") place(node, at, line);
      at += line.length + 1;
    }
  }
  return found;
}

/** Offset in the whole text of a place in the page; `end`: of the last letter before it. */
function offsetOf(all: readonly Piece[], node: Node, offset: number, end: boolean): number | null {
  const piece = all.find((one) => one.node === node && offset >= one.at && offset <= one.at + one.length);
  if (piece) return piece.from + offset - piece.at;
  // Between text nodes: the nearest letter inside the selection.
  const place = document.createRange();
  place.setStart(node, offset);
  const before = all.filter((one) => place.comparePoint(one.node, 0) < 0);
  if (end) {
    const last = before.at(-1);
    return last ? last.from + last.length : null;
  }
  return all[before.length]?.from ?? null;
}

/** What is selected in a logged text, as an anchor; null when nothing is, or it reaches over two texts. */
export function selectedAnchor(): LoggedAnchor | null {
  const selection = getSelection();
  if (!selection || selection.isCollapsed || selection.rangeCount === 0) return null;
  const range = selection.getRangeAt(0);
  const common = range.commonAncestorContainer;
  const element = (common instanceof Element ? common : common.parentElement)?.closest(SELECTOR);
  const source = element ? shown.get(element) : undefined;
  if (!element || !source) return null;
  const all = pieces(element, source.text);
  const start = offsetOf(all, range.startContainer, range.startOffset, false);
  const end = offsetOf(all, range.endContainer, range.endOffset, true);
  if (start === null || end === null || end <= start) return null;
  return { field: source.field, start, end, hash: hashOf(source.text), quote: quoteOf(selection.toString()) };
}

/** Where an anchor's words stand on the page, if its text is shown. */
export function rangesOf(anchor: LoggedAnchor): Range[] {
  for (const element of document.querySelectorAll(
    `${SELECTOR}[data-anchored="${CSS.escape(anchor.hash)}"]`,
  )) {
    const source = shown.get(element);
    if (source?.field !== anchor.field) continue;
    const ranges: Range[] = [];
    for (const { node, at, length, from } of pieces(element, source.text)) {
      const start = Math.max(anchor.start - from, 0);
      const end = Math.min(anchor.end - from, length);
      if (start >= end) continue;
      const range = document.createRange();
      range.setStart(node, at + start);
      range.setEnd(node, at + end);
      ranges.push(range);
    }
    if (ranges.length > 0) return ranges;
  }
  return [];
}
