/** Numbers, times and durations as the interface shows them. Pure; the locale is the reader's. */

/** Thin no-break space between a number and its unit. */
export const THIN = "\u202f";

const integers = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

/** 4911 -> "4,911". */
export function count(value: number): string {
  return integers.format(value);
}

/** 1204 -> "1.2k"; for places too narrow for the whole number. */
export function compact(value: number): string {
  if (value < 10_000) return count(value);
  if (value < 1_000_000) return `${trim(value / 1000)}k`;
  return `${trim(value / 1_000_000)}M`;
}

function trim(value: number): string {
  return value < 100 ? String(Math.round(value * 10) / 10) : String(Math.round(value));
}

/** Seconds to words: "184 ms", "6.42 s", "3 min 05 s", "2 h 10 min". */
export function duration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds) || seconds < 0) return "";
  const ms = Math.round(seconds * 1000);
  if (ms < 1) return `0${THIN}ms`;
  if (ms < 1000) return `${ms}${THIN}ms`;
  if (seconds < 99.995) return `${seconds.toFixed(2)}${THIN}s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)}${THIN}min ${pad(whole % 60)}${THIN}s`;
  const minutes = Math.round(whole / 60);
  return `${Math.floor(minutes / 60)}${THIN}h ${pad(minutes % 60)}${THIN}min`;
}

/** US dollars with four digits below a dollar: "$0.0184", "$41.20". */
export function cost(dollars: number | null | undefined): string {
  if (dollars === null || dollars === undefined || !Number.isFinite(dollars)) return "";
  if (dollars === 0) return "$0";
  if (dollars < 0.0001) return "<$0.0001";
  return dollars < 1
    ? `$${dollars.toFixed(4)}`
    : `$${dollars.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}

/** A score in 0..1 as shares of a hundred: 0.625 -> "62.5%", 0.5 -> "50%". */
export function percent(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "";
  const tenths = Math.round(value * 1000) / 10;
  return `${Number.isInteger(tenths) ? tenths.toFixed(0) : tenths.toFixed(1)}%`;
}

function pad(value: number): string {
  return String(value).padStart(2, "0");
}

/** "09:44:07.3", in the reader's zone. */
export function clock(at: Date): string {
  return `${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())}.${Math.floor(at.getMilliseconds() / 100)}`;
}

function sameDay(a: Date, b: Date): boolean {
  return a.getFullYear() === b.getFullYear() && a.getMonth() === b.getMonth() && a.getDate() === b.getDate();
}

const dayMonth = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const dayMonthYear = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });

/** Relative under an hour, then the clock, then the date: "now", "4 min", "09:31", "12 Nov, 09:31", "12 Nov 2025". */
export function when(at: Date, now: Date): string {
  const seconds = (now.getTime() - at.getTime()) / 1000;
  if (seconds < 45) return "now";
  if (seconds < 3570) return `${Math.max(1, Math.round(seconds / 60))}${THIN}min`;
  const time = `${pad(at.getHours())}:${pad(at.getMinutes())}`;
  if (sameDay(at, now)) return time;
  if (at.getFullYear() === now.getFullYear()) return `${dayMonth.format(at)}, ${time}`;
  return dayMonthYear.format(at);
}

/** The date alone: "12 Nov", "12 Nov 2025". */
export function day(at: Date, now: Date): string {
  return at.getFullYear() === now.getFullYear() ? dayMonth.format(at) : dayMonthYear.format(at);
}

/** Time of a row in a list: clock today, date and clock before. One width per day. */
export function rowTime(at: Date, now: Date): string {
  if (sameDay(at, now)) return clock(at);
  const time = `${pad(at.getHours())}:${pad(at.getMinutes())}`;
  return at.getFullYear() === now.getFullYear() ? `${dayMonth.format(at)} ${time}` : dayMonthYear.format(at);
}

const whole = new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeStyle: "long" });

/** The full time with its zone, for titles. */
export function fullTime(at: Date): string {
  return whole.format(at);
}

/** "1 trace", "2 traces". */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** Up to two initials: "Noor Khan" -> "NK". */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/u).filter(Boolean);
  const first = words[0];
  if (first === undefined) return "?";
  const last = words.length > 1 ? words[words.length - 1] : undefined;
  const letters = last ? [...first][0] + ([...last][0] ?? "") : [...first].slice(0, 2).join("");
  return letters.toUpperCase();
}
