/** The spans of a trace as a tree and as the rows that are on screen. Pure. */
import type { SpanLine } from "@/api/types.ts";

export interface Node {
  span: SpanLine;
  children: Node[];
}

export interface TreeRow {
  span: SpanLine;
  /** 0 for roots. */
  depth: number;
  parent: string | null;
  children: number;
  open: boolean;
  position: number;
  siblings: number;
  /** Place of the bar in the trace's time, in percent. */
  bar: { left: number; width: number } | null;
}

/** Children under the first parent that is part of the trace; spans without one, or in a circle, are roots. */
export function buildTree(spans: readonly SpanLine[]): Node[] {
  const nodes = new Map(spans.map((span) => [span.span_id, { span, children: [] as Node[] }]));
  const parentOf = (span: SpanLine) =>
    span.is_root ? undefined : span.span_parents.find((id) => id !== span.span_id && nodes.has(id));
  const roots: Node[] = [];
  for (const node of nodes.values()) {
    const parent = parentOf(node.span);
    if (parent === undefined || isCircle(node.span, parentOf, nodes)) roots.push(node);
    else nodes.get(parent)?.children.push(node);
  }
  for (const node of nodes.values()) node.children.sort(inTime);
  return roots.sort(inTime);
}

function isCircle(
  span: SpanLine,
  parentOf: (span: SpanLine) => string | undefined,
  nodes: ReadonlyMap<string, Node>,
): boolean {
  const seen = new Set([span.span_id]);
  for (let id = parentOf(span); id !== undefined; ) {
    if (id === span.span_id) return true;
    if (seen.has(id)) return false;
    seen.add(id);
    const next = nodes.get(id)?.span;
    id = next && parentOf(next);
  }
  return false;
}

function inTime(a: Node, b: Node): number {
  const start = (a.span.start ?? Number.MAX_VALUE) - (b.span.start ?? Number.MAX_VALUE);
  return start || a.span.order - b.span.order || (a.span.span_id < b.span.span_id ? -1 : 1);
}

/** First start and last end of a trace, in Unix seconds; null when no span has a time. */
export function extent(spans: readonly SpanLine[]): { start: number; end: number } | null {
  let start = Number.POSITIVE_INFINITY;
  let end = Number.NEGATIVE_INFINITY;
  for (const span of spans) {
    if (span.start === null) continue;
    start = Math.min(start, span.start);
    end = Math.max(end, span.end ?? span.start + (span.duration ?? 0));
  }
  return Number.isFinite(start) ? { start, end: Math.max(end, start) } : null;
}

function barOf(span: SpanLine, time: { start: number; end: number } | null): TreeRow["bar"] {
  if (!time || span.start === null) return null;
  const whole = time.end - time.start;
  if (whole <= 0) return { left: 0, width: 100 };
  const end = span.end ?? span.start + (span.duration ?? 0);
  const left = Math.min(96, Math.max(0, ((span.start - time.start) / whole) * 100));
  return { left, width: Math.min(100 - left, Math.max(4, ((end - span.start) / whole) * 100)) };
}

function matchesText(span: SpanLine, words: readonly string[]): boolean {
  const text = [
    span.name,
    span.kind,
    span.model,
    span.error,
    span.input_preview,
    span.output_preview,
    ...span.tags,
  ]
    .filter(Boolean)
    .join("\n")
    .toLowerCase();
  return words.every((word) => text.includes(word));
}

/** The rows to show: closed branches left out, or, with a filter, the spans that fit and their ancestors. */
export function treeRows(
  roots: readonly Node[],
  spans: readonly SpanLine[],
  closed: ReadonlySet<string>,
  filter: string,
): TreeRow[] {
  const time = extent(spans);
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const wanted = words.length > 0 ? new Set<Node>() : null;
  const mark = (node: Node): boolean => {
    const inside = node.children.map(mark).some(Boolean);
    const fits = inside || matchesText(node.span, words);
    if (fits) wanted?.add(node);
    return fits;
  };
  if (wanted) for (const root of roots) mark(root);
  const rows: TreeRow[] = [];
  const visit = (nodes: readonly Node[], depth: number, parent: string | null) => {
    const shown = wanted ? nodes.filter((node) => wanted.has(node)) : nodes;
    shown.forEach((node, index) => {
      const children = wanted ? node.children.filter((child) => wanted.has(child)) : node.children;
      const open = wanted !== null || !closed.has(node.span.span_id);
      rows.push({
        span: node.span,
        depth,
        parent,
        children: children.length,
        open: open && children.length > 0,
        position: index + 1,
        siblings: shown.length,
        bar: barOf(node.span, time),
      });
      if (open) visit(children, depth + 1, node.span.span_id);
    });
  };
  visit(roots, 0, null);
  return rows;
}

/** Every span in reading order, whatever is closed: what n and p walk. */
export function readingOrder(roots: readonly Node[]): SpanLine[] {
  const list: SpanLine[] = [];
  const visit = (nodes: readonly Node[]) => {
    for (const node of nodes) {
      list.push(node.span);
      visit(node.children);
    }
  };
  visit(roots);
  return list;
}

export interface Badge {
  text: string;
  tone: "warn" | "fail";
}

/** A score below this is worth a badge in the tree; below the second it is shown as a failure. */
const LOW = 0.7;
const BAD = 0.4;

/** Why a span deserves a look before it is opened: its error and its two lowest scores. */
export function badges(span: SpanLine, format: (value: number) => string): Badge[] {
  const list: Badge[] = [];
  if (span.error) list.push({ text: firstLine(span.error), tone: "fail" });
  const low = Object.entries(span.scores)
    .filter((entry): entry is [string, number] => typeof entry[1] === "number" && entry[1] < LOW)
    .sort((a, b) => a[1] - b[1]);
  for (const [name, value] of low.slice(0, 2)) {
    list.push({ text: `${name} ${format(value)}`, tone: value < BAD ? "fail" : "warn" });
  }
  return list;
}

function firstLine(text: string): string {
  const line = text.split("\n", 1)[0]?.trim() ?? "";
  return line.length > 40 ? `${line.slice(0, 39)}…` : line || "Error";
}
