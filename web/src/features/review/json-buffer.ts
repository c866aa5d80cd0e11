/**
 * JSON that a person edits as text while others change the value underneath. Pure: the editor and the document
 * are told what to do.
 *
 * `base` is the value that the text was last equal to. A valid text becomes the difference from `base`, so that
 * keys which others changed meanwhile keep their changes; an invalid text waits and touches nothing.
 */
import type { Json } from "@/api/types.ts";
import { JsonRefused, parseJson, sameJson } from "@/sync/json-tree.ts";

export const pretty = (value: Json): string => JSON.stringify(value, null, 2);

export type Typed =
  /** The text says what the document says. */
  | { kind: "same" }
  /** Write the difference from `base` to `next`. */
  | { kind: "write"; base: Json; next: Json }
  | { kind: "invalid"; message: string; at: number | null };

export class JsonBuffer {
  #base: Json;
  #dirty = false;

  constructor(value: Json) {
    this.#base = value;
  }

  /** True while the text holds something that the document does not. */
  get dirty(): boolean {
    return this.#dirty;
  }

  /** Judges the text as it stands. */
  typed(text: string): Typed {
    this.#dirty = true;
    try {
      const next = parseJson(text);
      if (!sameJson(next, this.#base)) return { kind: "write", base: this.#base, next };
      this.#dirty = false;
      return { kind: "same" };
    } catch (error) {
      if (error instanceof JsonRefused) return { kind: "invalid", message: error.message, at: null };
      return { kind: "invalid", ...syntax(error, text) };
    }
  }

  /** A write arrived in the document, which now says `value`; the text to show, or null to leave it. */
  written(value: Json, text: string): string | null {
    this.#dirty = false;
    return this.arrived(value, text);
  }

  /** The document says `value` now, whoever changed it. Text that waits for its author is left alone. */
  arrived(value: Json, text: string): string | null {
    if (this.#dirty) return null;
    this.#base = value;
    try {
      if (sameJson(parseJson(text), value)) return null;
    } catch {
      // Not JSON at all: replaced below.
    }
    return pretty(value);
  }
}

/** Engines word their messages differently; the position, where they give one, is what helps. */
function syntax(error: unknown, text: string): { message: string; at: number | null } {
  const said = error instanceof Error ? error.message : "";
  const position = /position (\d+)/.exec(said)?.[1];
  const at =
    position !== undefined ? Number(position) : /end of|unterminated/i.test(said) ? text.length : null;
  if (text.trim() === "") return { message: "Empty: write a JSON value, null for none", at: 0 };
  const line = at === null ? null : text.slice(0, at).split("\n").length;
  return {
    message:
      line === null ? "This is not valid JSON yet" : `This is not valid JSON yet: look at line ${line}`,
    at,
  };
}
