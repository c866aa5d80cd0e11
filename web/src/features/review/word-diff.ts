/** Word differences between what came out and what was expected. Pure. */
import { diffWordsWithSpace } from "diff";

export interface Piece {
  text: string;
  changed: boolean;
}

export interface WordDiff {
  /** The output, with what is missing from the expected text marked. */
  left: Piece[];
  /** Places of what the expected text has in addition. */
  right: { from: number; to: number }[];
}

/** Longer texts are shown without marks: comparing them would hold up typing. */
const LONGEST = 40_000;
const TIMEOUT_MS = 60;

/** Null when the texts are too long or too different to compare in time. */
export function wordDiff(output: string, expected: string): WordDiff | null {
  if (output.length + expected.length > LONGEST) return null;
  const parts = diffWordsWithSpace(output, expected, { timeout: TIMEOUT_MS });
  if (!parts) return null;
  const left: Piece[] = [];
  const right: { from: number; to: number }[] = [];
  let at = 0;
  for (const part of parts) {
    if (!part.added) left.push({ text: part.value, changed: part.removed });
    if (part.added) right.push({ from: at, to: at + part.value.length });
    if (!part.removed) at += part.value.length;
  }
  return { left, right };
}
