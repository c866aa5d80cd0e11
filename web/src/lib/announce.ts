/** The one polite live region of the app. Screen readers hear what `announce` is given; nothing moves. */
import { createStore, useStore } from "./store.ts";

const message = createStore({ text: "", serial: 0 });

/** Says `text` politely, for example "Correctness: Partial. 3 of 4". */
export function announce(text: string): void {
  message.set({ text, serial: message.get().serial + 1 });
}

export const useAnnouncement = () => useStore(message);
