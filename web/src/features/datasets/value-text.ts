/** A JSON value as the text that people edit, and back. Pure. */
import type { Json } from "@/api/types.ts";

/** Prose as it is, everything else as JSON; nothing for null. */
export function valueText(value: Json): string {
  if (value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}

export type ReadValue = { value: Json } | { problem: string };

/**
 * What a text means in place of `base`: prose stays prose, unless it became an object or a list; JSON has to stay JSON. Metadata is
 * an object or nothing.
 */
export function readValue(text: string, base: Json, isMetadata: boolean): ReadValue {
  const trimmed = text.trim();
  if (trimmed === "") return { value: typeof base === "string" && !isMetadata ? text : null };
  const wantsJson = isMetadata || (base !== null && typeof base !== "string") || /^[[{]/.test(trimmed);
  if (!wantsJson) return { value: text };
  let value: Json;
  try {
    value = JSON.parse(trimmed) as Json;
  } catch (error) {
    if (typeof base === "string" && !isMetadata) return { value: text };
    return { problem: `It is no JSON, so it is not saved: ${(error as Error).message}` };
  }
  if (isMetadata && (value === null || typeof value !== "object" || Array.isArray(value)))
    return { problem: 'Metadata is an object such as { "language": "en" }. It is not saved.' };
  return { value };
}

/** Whether two values are the same, whatever the order of their keys. */
export function sameJson(a: Json, b: Json): boolean {
  if (a === b) return true;
  if (a === null || b === null || typeof a !== "object" || typeof b !== "object") return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    return (
      Array.isArray(a) &&
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((item, index) => sameJson(item, b[index] as Json))
    );
  }
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => key in b && sameJson(a[key] as Json, b[key] as Json))
  );
}
