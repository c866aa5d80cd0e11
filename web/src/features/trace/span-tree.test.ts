import { expect, test } from "vitest";
import type { SpanLine } from "@/api/types.ts";
import { badges, buildTree, readingOrder, treeRows } from "./span-tree.ts";

function span(id: string, parents: string[], start: number, extra: Partial<SpanLine> = {}): SpanLine {
  return {
    id,
    span_id: id,
    root_span_id: "root",
    is_root: parents.length === 0,
    created: "2026-01-01T00:00:00Z",
    name: id,
    kind: "task",
    model: null,
    input_preview: null,
    output_preview: null,
    duration: 1,
    tokens: null,
    cost: null,
    error: null,
    scores: {},
    human: [],
    tags: [],
    review: { document_id: null, status: "none", reviewers: [], comments: 0, assignees: [] },
    span_parents: parents,
    start,
    end: start + 1,
    order: 0,
    ...extra,
  };
}

const spans = [
  span("root", [], 0, { end: 10 }),
  span("b", ["root"], 5, { error: "Timeout\nretried" }),
  span("a", ["root"], 1),
  span("a1", ["a"], 2, { scores: { Recall: 0.5, Fine: 1, Bad: 0.1 } }),
  span("lost", ["nowhere"], 3),
];

test("children stand under their parents in time, spans without a parent stand alone", () => {
  const rows = treeRows(buildTree(spans), spans, new Set(), "");
  expect(rows.map((row) => [row.span.span_id, row.depth])).toEqual([
    ["root", 0],
    ["a", 1],
    ["a1", 2],
    ["b", 1],
    ["lost", 0],
  ]);
  expect(rows[0]?.bar).toEqual({ left: 0, width: 100 });
  expect(rows[3]?.bar).toEqual({ left: 50, width: 10 });
});

test("closed branches hide their spans, a filter finds them all the same", () => {
  const tree = buildTree(spans);
  expect(treeRows(tree, spans, new Set(["a"]), "").map((row) => row.span.span_id)).toEqual([
    "root",
    "a",
    "b",
    "lost",
  ]);
  expect(treeRows(tree, spans, new Set(["a"]), "a1").map((row) => row.span.span_id)).toEqual([
    "root",
    "a",
    "a1",
  ]);
  expect(treeRows(tree, spans, new Set(), "timeout").map((row) => row.span.span_id)).toEqual(["root", "b"]);
  expect(readingOrder(tree)).toHaveLength(5);
});

test("spans that name each other as parents are not lost", () => {
  const circle = [span("x", ["y"], 0), span("y", ["x"], 1)];
  expect(readingOrder(buildTree(circle)).map((item) => item.span_id)).toEqual(["x", "y"]);
});

test("badges name the error and the lowest scores", () => {
  expect(badges(spans[1] as SpanLine, String)).toEqual([{ text: "Timeout", tone: "fail" }]);
  expect(badges(spans[3] as SpanLine, String)).toEqual([
    { text: "Bad 0.1", tone: "fail" },
    { text: "Recall 0.5", tone: "warn" },
  ]);
});
