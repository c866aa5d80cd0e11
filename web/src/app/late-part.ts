/**
 * Parts of the frame that nobody sees at the first paint: menus, dialogs, the palette. Their code comes after the
 * page stands, so the shell stays small, and is there long before a hand reaches for it.
 */
import type { ComponentType } from "react";
import { createStore, useStore } from "@/lib/store.ts";

export interface LatePart<P> {
  /** The component, or `null` until its code is here. */
  use: () => ComponentType<P> | null;
  /** Fetches the code; false when it cannot be had now. Another call tries again. */
  fetch: () => Promise<boolean>;
}

const parts: (() => Promise<boolean>)[] = [];

export function latePart<P>(load: () => Promise<ComponentType<P>>): LatePart<P> {
  const loaded = createStore<ComponentType<P> | null>(null);
  let pending: Promise<boolean> | null = null;
  const fetchPart = (): Promise<boolean> => {
    pending ??= load().then(
      (component) => {
        loaded.set(component);
        return true;
      },
      () => {
        pending = null;
        return false;
      },
    );
    return pending;
  };
  parts.push(fetchPart);
  return { use: () => useStore(loaded), fetch: fetchPart };
}

/** Fetches every part that is not here yet. */
export async function fetchParts(): Promise<void> {
  await Promise.all(parts.map((part) => part()));
}
