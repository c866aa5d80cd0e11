/** The volume of a list over time: what a bar and a range say. Pure. */
import type { Volume } from "@/api/find.ts";
import { count, duration, plural, rowTime } from "@/lib/format.ts";

/** A range of bars, both ends included. */
export interface Range {
  from: number;
  to: number;
}

export const ordered = ({ from, to }: Range): Range => ({ from: Math.min(from, to), to: Math.max(from, to) });

/** Its two moments; the second is the end of its last bar. */
export function moments(volume: Volume, range: Range): [Date, Date] {
  const { from, to } = ordered(range);
  const at = (index: number) => new Date(volume.buckets[index]?.at ?? volume.from);
  return [at(from), new Date(at(to).getTime() + volume.seconds * 1000)];
}

function sums(volume: Volume, range: Range): { rows: number; errors: number } {
  const { from, to } = ordered(range);
  return volume.buckets
    .slice(from, to + 1)
    .reduce((sum, bucket) => ({ rows: sum.rows + bucket.rows, errors: sum.errors + bucket.errors }), {
      rows: 0,
      errors: 0,
    });
}

/** One sentence about a range: when, how many, how many of them failed. */
export function rangeText(volume: Volume, range: Range, noun: string, now: Date): string {
  const [from, to] = moments(volume, range);
  const { rows, errors } = sums(volume, range);
  const failed = errors > 0 ? `, ${count(errors)} with errors` : "";
  const about = volume.counts === "sampled" ? "about " : "";
  return `${rowTime(from, now)} to ${rowTime(to, now)}: ${about}${plural(rows, noun)}${failed}`;
}

/** The whole as one sentence. */
export function volumeText(volume: Volume, noun: string, now: Date): string {
  const all = rangeText(volume, { from: 0, to: volume.buckets.length - 1 }, noun, now);
  return `${all}. A bar is ${duration(volume.seconds).replace(/\.00/, "")}.`;
}

export interface Bar {
  /** Share of the tallest, 0 to 1. */
  height: number;
  /** Share of it that is errors. */
  errors: number;
}

/** Heights of the bars; the smallest that is not nothing can still be seen. */
export function bars(volume: Volume): Bar[] {
  const most = Math.max(1, ...volume.buckets.map((bucket) => bucket.rows));
  return volume.buckets.map(({ rows, errors }) => ({
    height: rows === 0 ? 0 : Math.max(0.04, rows / most),
    errors: rows === 0 ? 0 : Math.min(1, errors / rows),
  }));
}
