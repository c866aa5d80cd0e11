/**
 * One listener on the window turns key presses into commands. Components register what they can do with
 * `useCommand`; the table says by which keys. Nothing here knows what a command does.
 */
import { useEffect, useRef } from "react";
import { isBoolean, readSetting, writeSetting } from "../storage.ts";
import { createStore, useStore } from "../store.ts";
import { keysOf } from "./bindings.ts";
import { isPlain, isSingleCharacter, type KeyLike, matches, parseKeys, readPress } from "./keys.ts";
import { COMMANDS, type CommandId } from "./table.ts";
import type { Scope } from "./types.ts";

/** Gets the notation that was pressed, for commands with several keys such as 1 to 9. */
export type Handler = (pressed: string) => void;

interface Entry {
  id: CommandId;
  run: Handler;
}

/** Inner scopes first: what is nearest to the hand wins. */
const ORDER: readonly Scope[] = [
  "dialog",
  "review",
  "focus",
  "trace",
  "logs",
  "projects",
  "objects",
  "configuration",
  "global",
];
/** A sequence such as `g l` is forgotten after this pause. */
const SEQUENCE_MS = 1000;

const entries: Entry[] = [];
/** Changes whenever the set of available commands does; the palette reads it. */
export const available = createStore<readonly CommandId[]>([]);
const modals = { open: 0 };

/** Single printed keys can be turned off by a person (WCAG 2.1.4). */
export const singleKeys = createStore<boolean>(
  typeof localStorage === "undefined" ? true : readSetting("single-keys", true, isBoolean),
);

export const useSingleKeys = (): boolean => useStore(singleKeys);

export function setSingleKeys(on: boolean): void {
  singleKeys.set(on);
  writeSetting("single-keys", on);
}

function publish(): void {
  available.set([...new Set(entries.map((entry) => entry.id))]);
}

/** Makes a command available while the component is mounted and `enabled`. The latest registration wins. */
export function useCommand(id: CommandId, run: Handler, enabled = true): void {
  const latest = useRef(run);
  latest.current = run;
  useEffect(() => {
    if (!enabled) return;
    const entry: Entry = { id, run: (pressed) => latest.current(pressed) };
    entries.push(entry);
    publish();
    return () => {
      entries.splice(entries.indexOf(entry), 1);
      publish();
    };
  }, [id, enabled]);
}

/** While mounted and `open`, only commands of scope `dialog` are heard. */
export function useModal(open: boolean): void {
  useEffect(() => {
    if (!open) return;
    modals.open += 1;
    return () => {
      modals.open -= 1;
    };
  }, [open]);
}

/** Runs a command as if its key had been pressed; false when nothing offers it now. */
export function runCommand(id: CommandId, pressed = ""): boolean {
  for (let i = entries.length - 1; i >= 0; i -= 1) {
    const entry = entries[i];
    if (entry?.id === id) {
      entry.run(pressed);
      return true;
    }
  }
  return false;
}

/** True where typing means text. */
function isEditable(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.closest(".cm-editor")) return true;
  if (target instanceof HTMLInputElement) {
    return !["checkbox", "radio", "range", "button", "submit", "reset"].includes(target.type);
  }
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}

const POPUPS = '[role="dialog"],[role="alertdialog"],[role="menu"],[role="listbox"]';
const ARROWED =
  'input[type="range"],[role="radiogroup"],[role="tree"],[role="grid"],[role="tablist"],[role="separator"]';
const PRESSABLE = 'button,a[href],summary,input,select,[role="button"],[role="option"],[role="menuitem"]';

/** True when this event must not act as this command's key. */
function isSilenced(notation: string, scope: Scope, target: EventTarget | null): boolean {
  if (modals.open > 0 && scope !== "dialog") return true;
  if (!(target instanceof HTMLElement)) return false;
  if (!isPlain(notation)) return false;
  if (isEditable(target)) return true;
  if (isSingleCharacter(notation) && !singleKeys.get()) return true;
  if (scope !== "dialog" && target.closest(POPUPS)) return true;
  // Arrows move inside what has focus, Enter and Space press it.
  if (notation.startsWith("Arrow") && target.closest(ARROWED)) return true;
  return ["Enter", "Space"].includes(notation) && target.closest(PRESSABLE) !== null;
}

let pending: { presses: KeyLike[]; at: number } = { presses: [], at: 0 };

function matchesSequence(notation: string, presses: readonly KeyLike[]): "whole" | "start" | "no" {
  const wanted = parseKeys(notation);
  if (presses.length > wanted.length) return "no";
  const fits = presses.every((press, i) => {
    const want = wanted[i];
    return want !== undefined && matches(want, press);
  });
  if (!fits) return "no";
  return presses.length === wanted.length ? "whole" : "start";
}

/** Handles one press; exported for tests. Returns true when a command ran or a sequence began. */
export function handleKey(event: KeyboardEvent, now = performance.now()): boolean {
  if (event.isComposing || event.defaultPrevented || event.key === "Dead" || event.key === "Process")
    return false;
  if (["Shift", "Control", "Alt", "Meta"].includes(event.key)) return false;
  const press = readPress(event);
  const fresh = now - pending.at > SEQUENCE_MS;
  const attempts = fresh || pending.presses.length === 0 ? [[press]] : [[...pending.presses, press], [press]];
  const offered = new Set(entries.map((entry) => entry.id));
  for (const presses of attempts) {
    for (const scope of ORDER) {
      for (const candidate of COMMANDS) {
        if (candidate.scope !== scope || !offered.has(candidate.id)) continue;
        for (const notation of keysOf(candidate.id)) {
          const match = matchesSequence(notation, presses);
          if (match === "no" || isSilenced(notation, scope, event.target)) continue;
          event.preventDefault();
          if (match === "start") {
            pending = { presses, at: now };
            return true;
          }
          pending = { presses: [], at: 0 };
          return runCommand(candidate.id, notation);
        }
      }
    }
  }
  pending = { presses: [], at: 0 };
  return false;
}

/** Calls `run` when Esc is pressed and nothing closer to the hand wants it: no field, no popup, no dialog. */
export function useEscape(run: () => void): void {
  const latest = useRef(run);
  latest.current = run;
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || event.defaultPrevented || event.isComposing || modals.open > 0) return;
      const { target } = event;
      if (isEditable(target) || (target instanceof HTMLElement && target.closest(POPUPS))) return;
      event.preventDefault();
      latest.current();
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, []);
}

/** Installs the listener; call once at the root. */
export function useCommandKeys(): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => void handleKey(event);
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, []);
}
