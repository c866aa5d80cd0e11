import { expect, it } from "vitest";
import type { Volume } from "@/api/find.ts";
import { bars, moments, rangeText } from "./buckets.ts";

const volume: Volume = {
  from: "2026-11-24T09:00:00Z",
  to: "2026-11-24T12:00:00Z",
  seconds: 3600,
  counts: "exact",
  buckets: [
    { at: "2026-11-24T09:00:00Z", rows: 100, errors: 25 },
    { at: "2026-11-24T10:00:00Z", rows: 0, errors: 0 },
    { at: "2026-11-24T11:00:00Z", rows: 1, errors: 1 },
  ],
};

it("draws each bar in proportion, and the smallest so that it is seen", () => {
  expect(bars(volume)).toEqual([
    { height: 1, errors: 0.25 },
    { height: 0, errors: 0 },
    { height: 0.04, errors: 1 },
  ]);
});

it("reads a range drawn backwards like one drawn forwards", () => {
  expect(moments(volume, { from: 2, to: 0 })).toEqual([new Date(volume.from), new Date(volume.to)]);
  expect(rangeText(volume, { from: 2, to: 0 }, "trace", new Date(volume.to))).toMatch(
    /: 101 traces, 26 with errors$/,
  );
});
