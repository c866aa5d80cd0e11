import { count, plural } from "./format.ts";

/** How far the review of many rows has come. */
export interface Progress {
  awaiting: number;
  in_progress: number;
  complete: number;
}

/** "12 awaiting, 3 in progress, 40 complete", leaving out what is none. */
export function reviewWords(progress: Progress): string {
  const parts = [
    progress.awaiting > 0 && `${count(progress.awaiting)} awaiting`,
    progress.in_progress > 0 && `${count(progress.in_progress)} in progress`,
    progress.complete > 0 && `${count(progress.complete)} complete`,
  ].filter((part) => part !== false);
  return parts.length === 0 ? plural(0, "review") : parts.join(", ");
}
