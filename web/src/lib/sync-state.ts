/**
 * How far the edits of this page are from being safe, in words. Fed by the sync code; read by the frame.
 * While no review is open there is nothing to sync and the live connection speaks instead.
 */
import { assertNever } from "./assert-never.ts";
import { count } from "./format.ts";
import { createStore, useStore } from "./store.ts";

export type SyncState =
  | { kind: "synced"; pending: 0 }
  | { kind: "saving"; pending: number }
  | { kind: "offline"; pending: number }
  | { kind: "reconnecting"; pending: number }
  | { kind: "refused"; pending: number; reason: string };

const sync = createStore<SyncState | null>(null);

/** Reports the state of document sync; `null` when no document is open. */
export function setSyncState(next: SyncState | null): void {
  const now = sync.get();
  if (now !== null && next !== null && JSON.stringify(now) === JSON.stringify(next)) return;
  sync.set(next);
}

const live = createStore<SyncState>({ kind: "synced", pending: 0 });

/** Reports the state of the live connection, which speaks while no document does. */
export function setLiveState(kind: "synced" | "offline" | "reconnecting"): void {
  if (live.get().kind !== kind) live.set(kind === "synced" ? { kind, pending: 0 } : { kind, pending: 0 });
}

/** The state to show. */
export function useSyncState(): SyncState {
  const documents = useStore(sync);
  const connection = useStore(live);
  return documents ?? connection;
}

/** The words of web-design section 4. */
export function syncWords(state: SyncState): string {
  switch (state.kind) {
    case "synced":
      return "Synced";
    case "saving":
      return state.pending > 0 ? `Saving ${count(state.pending)}` : "Saving";
    case "offline":
      return state.pending > 0
        ? `Offline, ${count(state.pending)} ${state.pending === 1 ? "change" : "changes"} kept here`
        : "Offline";
    case "reconnecting":
      return state.pending > 0 ? `Reconnecting, ${count(state.pending)} kept here` : "Reconnecting";
    case "refused":
      return "Cannot save";
    default:
      return assertNever(state);
  }
}

/** Colour of the dot beside the words: the words carry the meaning, the dot only helps to find them. */
export function syncTone(state: SyncState): "pass" | "warn" | "fail" {
  if (state.kind === "refused") return "fail";
  return state.kind === "offline" || state.kind === "reconnecting" ? "warn" : "pass";
}
