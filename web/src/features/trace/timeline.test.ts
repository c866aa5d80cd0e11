import { describe, expect, it } from "vitest";
import type { SpanLine } from "@/api/types.ts";
import { relativesOf } from "./relatives.ts";
import { buildTree } from "./span-tree.ts";
import { axisOf, barIn, foldsIn, placeOf, shift, ticksIn, WHOLE, zoom } from "./timeline.ts";

const span = (id: string, parent: string | null, start: number | null, end: number | null): SpanLine =>
  ({
    id,
    span_id: id,
    span_parents: parent ? [parent] : [],
    is_root: parent === null,
    start,
    end,
    duration: null,
    order: 0,
    tags: [],
    scores: {},
  }) as unknown as SpanLine;

const spans = [
  span("root", null, 0, 100),
  span("a", "root", 0, 10),
  span("b", "root", 90, 100),
  span("c", "b", 92, 95),
];
const roots = buildTree(spans);

describe("the time axis", () => {
  it("folds a stretch in which nothing worked", () => {
    const axis = axisOf(roots, spans);
    if (!axis) throw new Error("an axis");
    const [fold] = foldsIn(axis, WHOLE);
    expect(fold?.seconds).toBe(82);
    expect(fold?.width).toBeLessThan(10);
    const a = barIn(axis, WHOLE, spans[1] as SpanLine);
    expect(a?.left).toBe(0);
    expect(a?.width).toBeGreaterThan(40);
    expect(placeOf(axis, 100)).toBeCloseTo(100);
  });

  it("keeps times in order under any zoom, and ticks inside the window", () => {
    const axis = axisOf(roots, spans);
    if (!axis) throw new Error("an axis");
    const close = zoom(WHOLE, 0.25, 50);
    expect(close.to - close.from).toBeCloseTo(25);
    expect(close.from).toBeCloseTo(37.5);
    expect(shift(close, 500)).toEqual({ from: 75, to: 100 });
    expect(zoom(close, 100, 0)).toEqual({ from: 0, to: 100 });
    for (const tick of ticksIn(axis, close)) expect(tick.left >= 0 && tick.left <= 100).toBe(true);
    expect(ticksIn(axis, WHOLE).length).toBeGreaterThan(1);
  });

  it("has none where nothing has a time, and stands for a moment without length", () => {
    const timeless = [span("x", null, null, null)];
    expect(axisOf(buildTree(timeless), timeless)).toBeNull();
    const moment = [span("x", null, 5, 5)];
    const axis = axisOf(buildTree(moment), moment);
    expect(axis && barIn(axis, WHOLE, moment[0] as SpanLine)?.left).toBe(0);
  });
});

it("knows the relatives of a span", () => {
  expect(relativesOf(roots, "b")).toMatchObject({
    parent: { span_id: "root" },
    child: { span_id: "c" },
    previous: { span_id: "a" },
    next: null,
    position: 2,
    siblings: 2,
  });
  expect(relativesOf(roots, "nobody")).toBeNull();
});
