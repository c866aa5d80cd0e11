/** Numbers of a sitting in words. Pure. */
import { count, plural } from "@/lib/format.ts";

/** "about 18 min left"; empty while the pace is not known. */
export function timeLeft(pace: number | null, left: number): string {
  if (pace === null || left <= 0) return "";
  return `about ${spell(pace * left)} left`;
}

/** "40 s", "18 min", "2 h 10 min". */
export function spell(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 55) return `${Math.max(1, Math.round(seconds / 5) * 5)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${Math.max(1, minutes)} min`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

/** "23 done, 37 left". */
export function doneWords(done: number, left: number, atLeast: boolean): string {
  return `${count(done)} done, ${left === 0 ? "none" : `${count(left)}${atLeast ? "+" : ""}`} left`;
}

/** "You and others agree on 11 of 12 answers"; empty while nobody else has answered. */
export function agreementWords(asked: number, split: number): string {
  if (asked === 0) return "";
  return `You agree with others on ${count(asked - split)} of ${plural(asked, "answer")}`;
}
