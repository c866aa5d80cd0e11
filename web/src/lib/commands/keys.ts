/** Reading key notations and matching them with events. Pure, no listener. */
import type { Scope } from "./types.ts";

/** One press: a key with its modifiers. */
export interface Press {
  key: string;
  mod: boolean;
  shift: boolean;
  alt: boolean;
}

/** What matching needs of a keyboard event. */
export type KeyLike = Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "shiftKey" | "altKey">;

/** True on devices whose command key does what Control does elsewhere. */
export const isApple = (): boolean =>
  typeof navigator !== "undefined" && /Mac|iPhone|iPad/.test(navigator.platform || navigator.userAgent);

/** `"Mod+Shift+l"` to a press, `"g l"` to two. */
export function parseKeys(notation: string): Press[] {
  return notation.split(" ").map((part) => {
    const names = part.split("+");
    // "+" itself, alone or as in "Mod++", splits into empty names.
    const key = names[names.length - 1] === "" ? "+" : (names[names.length - 1] ?? "");
    const has = (name: string) => names.slice(0, -1).includes(name);
    return { key: normal(key), mod: has("Mod"), shift: has("Shift"), alt: has("Alt") };
  });
}

function normal(key: string): string {
  if (key === "Space") return " ";
  return key.length === 1 ? key.toLowerCase() : key;
}

const isLetter = (key: string) => key.length === 1 && key.toLowerCase() !== key.toUpperCase();

/** True when the event is this press. Shift counts for letters and named keys only: `?` already contains it. */
export function matches(press: Press, event: KeyLike, apple = isApple()): boolean {
  const mod = apple ? event.metaKey : event.ctrlKey;
  const other = apple ? event.ctrlKey : event.metaKey;
  if (mod !== press.mod || other || event.altKey !== press.alt) return false;
  if (normal(event.key) !== press.key) return false;
  const shiftMatters = press.mod || isLetter(press.key) || press.key.length > 1;
  return !shiftMatters || event.shiftKey === press.shift;
}

/** True for keys that a text field would take as input: without Ctrl, Cmd. */
export function isPlain(notation: string): boolean {
  return parseKeys(notation).every((press) => !press.mod);
}

/** True for keys that WCAG 2.1.4 lets a person turn off: plain printed characters. */
export function isSingleCharacter(notation: string): boolean {
  return parseKeys(notation).some((press) => !press.mod && press.key.length === 1 && press.key !== " ");
}

const NAMES: Record<string, string> = {
  Enter: "↵",
  Backspace: "⌫",
  ArrowUp: "↑",
  ArrowDown: "↓",
  ArrowLeft: "←",
  ArrowRight: "→",
  Escape: "Esc",
  " ": "Space",
};

/** One text per key cap: `"Mod+Shift+l"` -> `["Ctrl", "Shift", "L"]`, `"g l"` -> `["G", "L"]`. */
export function keyCaps(notation: string, apple = isApple()): string[] {
  return parseKeys(notation).flatMap((press) => [
    ...(press.mod ? [apple ? "⌘" : "Ctrl"] : []),
    ...(press.alt ? [apple ? "⌥" : "Alt"] : []),
    ...(press.shift ? [apple ? "⇧" : "Shift"] : []),
    NAMES[press.key] ?? (press.key.length === 1 ? press.key.toUpperCase() : press.key),
  ]);
}

/** For `aria-keyshortcuts`; sequences have no notation there and give nothing. */
export function ariaKeys(notations: readonly string[], apple = isApple()): string | undefined {
  const single = notations.filter((notation) => !notation.includes(" ") && notation !== "+");
  if (single.length === 0) return undefined;
  return single.map((notation) => notation.replace("Mod", apple ? "Meta" : "Control")).join(" ");
}

/** Scopes of one page: the focused review shows a trace and its review too. */
const PAGE: readonly Scope[] = ["trace", "focus", "review"];

/** Which scopes can be heard at the same time: those of one page, with the global ones. A dialog stands alone. */
export function heardTogether(a: Scope, b: Scope): boolean {
  if (a === b) return true;
  if (a === "dialog" || b === "dialog") return false;
  if (a === "global" || b === "global") return true;
  return PAGE.includes(a) && PAGE.includes(b);
}

/** Presses that the browser and people's habits need, in its fields or for its windows. */
const BROWSER = ["Mod+c", "Mod+v", "Mod+x", "Mod+a", "Mod+f", "Mod+r", "Mod+t", "Mod+n", "Mod+w", "Mod+l"];
const NAMED = ["Tab", "Escape"];

export function isTakenByBrowser(notation: string): boolean {
  return (
    BROWSER.some((taken) => collide(taken, notation)) ||
    parseKeys(notation).some((press) => NAMED.includes(press.key))
  );
}

/** A press as the table writes it: `"Mod+Shift+l"`. Shift is named where it is not part of the printed character. */
export function notationOf(event: KeyLike, apple = isApple()): string {
  const key = event.key === " " ? "Space" : normal(event.key);
  const shift = event.shiftKey && (isLetter(key) || key.length > 1 || event.ctrlKey || event.metaKey);
  return [
    ...((apple ? event.metaKey : event.ctrlKey) ? ["Mod"] : []),
    ...(event.altKey ? ["Alt"] : []),
    ...(shift ? ["Shift"] : []),
    key,
  ].join("+");
}

/** What an event means here, on the keyboards of other countries too. */
export function readPress(event: KeyboardEvent): KeyLike {
  const { key, ctrlKey, metaKey, shiftKey, altKey, code } = event;
  // The third character of a key is a character: some systems report Ctrl and Alt for it.
  if (key.length === 1 && event.getModifierState?.("AltGraph"))
    return { key, ctrlKey: false, metaKey, shiftKey, altKey: false };
  // French keyboards print digits on keys that give them with Shift only.
  const digit = /^Digit([0-9])$/.exec(code ?? "")?.[1];
  if (digit !== undefined && FRENCH.includes(key) && !ctrlKey && !metaKey && !altKey && !shiftKey)
    return { key: digit, ctrlKey, metaKey, shiftKey, altKey };
  return { key, ctrlKey, metaKey, shiftKey, altKey };
}

/** What the row of digits gives without Shift on AZERTY keyboards, of France, Belgium and Apple. */
const FRENCH = [..."&é\"'(-_è§!çà"];

/** True when pressing one would be, or begin, the other. */
export function collide(a: string, b: string): boolean {
  const left = parseKeys(a);
  const right = parseKeys(b);
  const shared = Math.min(left.length, right.length);
  for (let i = 0; i < shared; i += 1) {
    if (JSON.stringify(left[i]) !== JSON.stringify(right[i])) return false;
  }
  return true;
}
