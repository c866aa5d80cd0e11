/** Where spans stand on a time axis whose long idle stretches are folded. Pure. */
import type { SpanLine } from "@/api/types.ts";
import { duration } from "@/lib/format.ts";
import { extent, type Node } from "./span-tree.ts";

/** An idle stretch longer than this part of the whole is folded. */
const GAP = 0.3;
/** A fold takes this part of what is not folded. */
const FOLD = 0.06;
/** Bars are at least this wide, in percent, so that short spans can be seen. */
const LEAST = 0.6;

interface Stretch {
  from: number;
  to: number;
  folded: boolean;
  /** Place on the axis, in percent. */
  left: number;
  width: number;
}

export interface Fold {
  left: number;
  width: number;
  seconds: number;
}

export interface Tick {
  left: number;
  label: string;
}

export interface Axis {
  stretches: readonly Stretch[];
  start: number;
}

/** The part of the axis that is on screen, in percent of it. */
export interface Window {
  from: number;
  to: number;
}

export const WHOLE: Window = { from: 0, to: 100 };

const endOf = (span: SpanLine): number => span.end ?? (span.start ?? 0) + (span.duration ?? 0);

/** When something was at work: spans without children, merged; containers wait for them. */
function busy(roots: readonly Node[]): [number, number][] {
  const leaves: [number, number][] = [];
  const visit = (node: Node) => {
    if (node.children.length > 0) node.children.forEach(visit);
    else if (node.span.start !== null) leaves.push([node.span.start, endOf(node.span)]);
  };
  roots.forEach(visit);
  leaves.sort((a, b) => a[0] - b[0]);
  const merged: [number, number][] = [];
  for (const [from, to] of leaves) {
    const last = merged.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  return merged;
}

/** The axis of a trace; `null` when no span has a time. */
export function axisOf(roots: readonly Node[], spans: readonly SpanLine[]): Axis | null {
  const time = extent(spans);
  if (!time) return null;
  const whole = time.end - time.start;
  const cuts: { from: number; to: number; folded: boolean }[] = [];
  let at = time.start;
  const add = (to: number, folded: boolean) => {
    if (to > at) cuts.push({ from: at, to, folded });
    at = Math.max(at, to);
  };
  for (const [from, to] of busy(roots)) {
    if (whole > 0 && from - at > GAP * whole) add(from, true);
    add(Math.max(to, from), false);
  }
  add(time.end, whole > 0 && cuts.length > 0 && time.end - at > GAP * whole);
  if (cuts.length === 0) cuts.push({ from: time.start, to: time.start + 1, folded: false });
  const shown = cuts.filter((cut) => !cut.folded).reduce((sum, cut) => sum + cut.to - cut.from, 0) || 1;
  const weight = (cut: { from: number; to: number; folded: boolean }) =>
    cut.folded ? FOLD * shown : cut.to - cut.from;
  const total = cuts.reduce((sum, cut) => sum + weight(cut), 0);
  let left = 0;
  const stretches = cuts.map((cut) => {
    const width = (weight(cut) / total) * 100;
    const stretch = { ...cut, left, width };
    left += width;
    return stretch;
  });
  return { stretches, start: time.start };
}

/** A moment's place on the whole axis, in percent. */
export function placeOf(axis: Axis, at: number): number {
  for (const stretch of axis.stretches) {
    if (at > stretch.to) continue;
    const part = (at - stretch.from) / (stretch.to - stretch.from || 1);
    return stretch.left + Math.max(0, part) * stretch.width;
  }
  return 100;
}

const inWindow = (place: number, { from, to }: Window): number => ((place - from) / (to - from)) * 100;

/** A span's bar in the window, in percent; `null` when it has no time or stands outside. */
export function barIn(axis: Axis, window: Window, span: SpanLine): { left: number; width: number } | null {
  if (span.start === null) return null;
  const left = inWindow(placeOf(axis, span.start), window);
  const right = inWindow(placeOf(axis, endOf(span)), window);
  if (right < 0 || left > 100) return null;
  const from = Math.max(0, Math.min(100 - LEAST, left));
  return { left: from, width: Math.max(LEAST, Math.min(100, right) - from) };
}

/** Folded stretches in the window. */
export function foldsIn(axis: Axis, window: Window): Fold[] {
  return axis.stretches
    .filter((stretch) => stretch.folded)
    .map((stretch) => {
      const left = inWindow(stretch.left, window);
      return {
        left,
        width: inWindow(stretch.left + stretch.width, window) - left,
        seconds: stretch.to - stretch.from,
      };
    })
    .filter((fold) => fold.left < 100 && fold.left + fold.width > 0);
}

/** Round times that stand in the window, a few of them. */
export function ticksIn(axis: Axis, window: Window): Tick[] {
  const shown = axis.stretches.filter((stretch) => !stretch.folded);
  const seconds = shown.reduce((sum, stretch) => sum + stretch.to - stretch.from, 0);
  const step = niceStep((seconds * (window.to - window.from)) / 100 / 4 || 1);
  const ticks: Tick[] = [];
  for (const stretch of shown) {
    const first = Math.ceil((stretch.from - axis.start) / step) * step;
    for (let at = first; axis.start + at <= stretch.to && ticks.length < 60; at += step) {
      const left = inWindow(placeOf(axis, axis.start + at), window);
      if (left >= 0 && left <= 100) ticks.push({ left, label: at === 0 ? "0" : duration(at) });
    }
  }
  return ticks.filter((tick, index) => index === 0 || tick.left - (ticks[index - 1]?.left ?? 0) > 8);
}

/** 1, 2 or 5 times a power of ten, at least as large. */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= least * 0.999) ?? least;
}

/** Closest look: a hundredth of the axis. */
const CLOSEST = 1;

/** The window after zooming by a factor around a place of it, in percent of the window. */
export function zoom({ from, to }: Window, factor: number, around: number): Window {
  const width = Math.min(100, Math.max(CLOSEST, (to - from) * factor));
  const fixed = from + ((to - from) * around) / 100;
  return shift({ from: fixed - (width * around) / 100, to: fixed + width * (1 - around / 100) }, 0);
}

/** The window moved along the axis, never beyond its ends. */
export function shift({ from, to }: Window, by: number): Window {
  const width = to - from;
  const start = Math.min(100 - width, Math.max(0, from + by));
  return { from: start, to: start + width };
}
