import { describe, expect, it } from "vitest";
import { compact, cost, count, duration, initials, percent, plural, rowTime, THIN, when } from "./format.ts";

const at = (text: string) => new Date(text);

describe("numbers", () => {
  it("groups thousands", () => {
    expect(count(4911)).toBe("4,911");
    expect(plural(1, "trace")).toBe("1 trace");
    expect(plural(1204, "trace")).toBe("1,204 traces");
    expect(plural(2, "reply", "replies")).toBe("2 replies");
  });

  it("shortens only when it must", () => {
    expect([9999, 12_345, 123_456, 2_500_000].map(compact)).toEqual(["9,999", "12.3k", "123k", "2.5M"]);
  });

  it("shows durations in the unit that reads best", () => {
    expect([0, 0.184, 0.9996, 6.42, 185, 7800].map(duration)).toEqual([
      `0${THIN}ms`,
      `184${THIN}ms`,
      `1.00${THIN}s`,
      `6.42${THIN}s`,
      `3${THIN}min 05${THIN}s`,
      `2${THIN}h 10${THIN}min`,
    ]);
    expect([null, undefined, -1, Number.NaN].map(duration)).toEqual(["", "", "", ""]);
  });

  it("shows cost with enough digits", () => {
    expect([0, 0.00001, 0.0184, 41.2, 1234.5].map(cost)).toEqual([
      "$0",
      "<$0.0001",
      "$0.0184",
      "$41.20",
      "$1,234.50",
    ]);
    expect(cost(null)).toBe("");
  });

  it("shows scores as shares of a hundred", () => {
    expect([0, 0.5, 0.625, 1 / 3, 1].map(percent)).toEqual(["0%", "50%", "62.5%", "33.3%", "100%"]);
    expect(percent(null)).toBe("");
  });
});

describe("times", () => {
  const now = at("2026-11-24T12:00:00");

  it("are relative under an hour, then the clock, then the date", () => {
    expect(when(at("2026-11-24T11:59:50"), now)).toBe("now");
    expect(when(at("2026-11-24T11:56:00"), now)).toBe(`4${THIN}min`);
    expect(when(at("2026-11-24T09:31:00"), now)).toBe("09:31");
    expect(when(at("2026-11-12T09:31:00"), now)).toBe("12 Nov, 09:31");
    expect(when(at("2025-11-12T09:31:00"), now)).toBe("12 Nov 2025");
  });

  it("of a clock ahead of ours are now", () => {
    expect(when(at("2026-11-24T12:00:09"), now)).toBe("now");
  });

  it("in lists keep one width a day", () => {
    expect(rowTime(at("2026-11-24T09:04:07.300"), now)).toBe("09:04:07.3");
    expect(rowTime(at("2026-11-12T09:31:00"), now)).toBe("12 Nov 09:31");
  });
});

describe("initials", () => {
  it("come from the first and last word", () => {
    expect(["Noor Khan", "Eva Maria Lind", "Mei", "", "  ", "élan vital"].map(initials)).toEqual([
      "NK",
      "EL",
      "ME",
      "?",
      "?",
      "ÉV",
    ]);
  });
});
