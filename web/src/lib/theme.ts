/** Light or dark. `public/theme.js` sets the first paint; this module changes it afterwards. */
import { createStore, useStore } from "./store.ts";

export type Theme = "light" | "dark";
const KEY = "concord.theme";

function current(): Theme {
  return document.documentElement.dataset.theme === "dark" ? "dark" : "light";
}

const theme = createStore<Theme>(typeof document === "undefined" ? "light" : current());

/** Changes the theme now and keeps the choice on this device. */
export function setTheme(next: Theme): void {
  document.documentElement.dataset.theme = next;
  try {
    localStorage.setItem(KEY, next);
  } catch {
    // Blocked storage: the choice holds for this page.
  }
  theme.set(next);
}

export function toggleTheme(): void {
  setTheme(theme.get() === "dark" ? "light" : "dark");
}

export const useTheme = (): Theme => useStore(theme);
