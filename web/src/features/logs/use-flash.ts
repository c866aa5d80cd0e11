import { useRef } from "react";

/**
 * A key that grows whenever `value` changes after the first sight of it; 0 until then. Used as a React key, it
 * starts the colour fade again for each change, and never for rows that merely scroll into view.
 */
export function useFlash(identity: string, value: unknown): number {
  const seen = useRef({ identity, value: JSON.stringify(value), changes: 0 });
  const text = JSON.stringify(value);
  if (seen.current.identity !== identity) seen.current = { identity, value: text, changes: 0 };
  else if (seen.current.value !== text) {
    seen.current = { identity, value: text, changes: seen.current.changes + 1 };
  }
  return seen.current.changes;
}
