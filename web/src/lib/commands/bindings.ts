/** Keys as this person has them: those of the table, and their own in place of some. Kept on this device, by person. */
import { useCallback } from "react";
import { readSetting, writeSetting } from "../storage.ts";
import { createStore, useStore } from "../store.ts";
import { ariaKeys, collide, heardTogether, isTakenByBrowser, parseKeys } from "./keys.ts";
import { COMMANDS, type CommandId, command } from "./table.ts";

type OwnKeys = { readonly [id: string]: readonly string[] };

const NONE: OwnKeys = {};
const own = createStore<OwnKeys>(NONE);
let person: string | null = null;

/** Longer than this no sequence is; what a broken setting holds beyond it is dropped. */
const MOST_PRESSES = 3;

function isKeys(value: unknown): value is readonly string[] {
  return (
    Array.isArray(value) &&
    value.every(
      (one) =>
        typeof one === "string" &&
        one !== "" &&
        parseKeys(one).length <= MOST_PRESSES &&
        parseKeys(one).every(({ key }) => key !== ""),
    )
  );
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Takes up the keys of the person who is signed in. */
export function loadKeys(id: string): void {
  if (person === id) return;
  person = id;
  const kept = readSetting<Record<string, unknown>>(`keys.${id}`, {}, isRecord);
  const known = new Set<string>(COMMANDS.map((one) => one.id));
  own.set(
    Object.fromEntries(
      Object.entries(kept).filter(
        (entry): entry is [string, readonly string[]] => known.has(entry[0]) && isKeys(entry[1]),
      ),
    ),
  );
}

/** The keys of a command, first the one that hints print. */
export const keysOf = (id: CommandId): readonly string[] => own.get()[id] ?? command(id).keys;

/** First key of a command, for hints beside its control; empty when it has none. */
export const keyOf = (id: CommandId): string => keysOf(id)[0] ?? "";

/** Another function when keys have changed. */
export function useKeysOf(): (id: CommandId) => readonly string[] {
  const now = useStore(own);
  return useCallback((id) => now[id] ?? command(id).keys, [now]);
}

/** For `aria-keyshortcuts` of the control that does what the command does. */
export function useAria(id: CommandId): string | undefined {
  useStore(own);
  return ariaKeys(keysOf(id));
}

export const isOwn = (id: CommandId): boolean => own.get()[id] !== undefined;

/** Gives a command other keys, none, or (null) those of the table again. */
export function setKeys(id: CommandId, keys: readonly string[] | null): void {
  const { [id]: _, ...rest } = own.get();
  own.set(keys === null ? rest : { ...rest, [id]: keys });
  if (person !== null) writeSetting(`keys.${person}`, own.get());
}

/** All keys as the table has them. */
export function resetKeys(): void {
  own.set(NONE);
  if (person !== null) writeSetting(`keys.${person}`, NONE);
}

/** Why these keys cannot be a command's: the browser needs them, or another command that is heard beside it has them. */
export function objection(
  id: CommandId,
  notation: string,
): { kind: "browser" } | { kind: "taken"; by: CommandId } | null {
  if (isTakenByBrowser(notation)) return { kind: "browser" };
  const { scope } = command(id);
  const other = COMMANDS.find(
    (one) =>
      one.id !== id &&
      heardTogether(one.scope, scope) &&
      keysOf(one.id).some((keys) => collide(keys, notation)),
  );
  return other ? { kind: "taken", by: other.id } : null;
}

/** Takes keys away from whoever has them where they would collide. */
export function freeKeys(by: CommandId, notation: string): void {
  setKeys(
    by,
    keysOf(by).filter((keys) => !collide(keys, notation)),
  );
}
