/** How the last focused review was left, for the list that it was entered from. */
import { createStore, useStore } from "./store.ts";

export interface LeftSitting {
  /** Address of the page that it was entered from. */
  from: string;
  words: string;
  /** Goes on where it was left; null at the end of the list. */
  href: string | null;
}

const left = createStore<LeftSitting | null>(null);

export const keepSitting = (sitting: LeftSitting | null): void => left.set(sitting);
export const useLeftSitting = (): LeftSitting | null => useStore(left);

/** The last page outside the focused review: where leaving it goes. */
const before: { href: string | null } = { href: null };

export function keepPage(href: string): void {
  before.href = href;
}

export const lastPage = (): string | null => before.href;
