/** React's way into open reviews. */
import { useCallback, useEffect, useState, useSyncExternalStore } from "react";
import type { Peer } from "./presence.ts";
import { acquire, loaded, type RowRef, release } from "./reviews.ts";
import type { Person, ReviewSession } from "./session.ts";
import type { ReviewView } from "./view.ts";

export type ReviewState =
  | { kind: "none" }
  | { kind: "opening" }
  | { kind: "ready"; session: ReviewSession }
  | { kind: "failed"; error: unknown; retry: () => void };

/**
 * While a person walks from span to span, one must stay selected this long before its review is opened: passing
 * by leaves no documents behind.
 */
const SETTLE_MS = 180;
const WALKING_MS = 600;
let lastChange = Number.NEGATIVE_INFINITY;

/** No pause for the first span, nor for one chosen at leisure, nor for one that was opened ahead. */
function settleTime(now: number, isLoaded: boolean): number {
  const walking = now - lastChange < WALKING_MS;
  lastChange = now;
  return walking && !isLoaded ? SETTLE_MS : 0;
}

/** The review of a row; null while there is none to show. */
export function useReview(row: RowRef | null, me: Person, mayWrite: boolean): ReviewState {
  const key = row ? JSON.stringify(row) : null;
  const [attempt, setAttempt] = useState(0);
  const [state, setState] = useState<{ key: string | null; value: ReviewState }>({
    key: null,
    value: { kind: "none" },
  });
  const { id, name } = me;

  useEffect(() => {
    if (key === null) return;
    const ref = JSON.parse(key) as RowRef;
    const person = { id, name };
    let taken = false;
    let gone = false;
    const timer = setTimeout(
      () => {
        taken = true;
        acquire(ref, person, mayWrite).then(
          (session) => gone || setState({ key, value: readyState(session) }),
          (error: unknown) =>
            gone ||
            setState({
              key,
              value: { kind: "failed", error, retry: () => setAttempt((count) => count + 1) },
            }),
        );
      },
      settleTime(performance.now(), loaded(ref, person) !== null),
    );
    return () => {
      gone = true;
      clearTimeout(timer);
      if (taken) release(ref, person);
      setState((before) => (before.key === key ? { key, value: { kind: "opening" } } : before));
    };
  }, [key, id, name, mayWrite, attempt]);

  if (row === null || key === null) return NONE;
  if (state.key === key && state.value.kind !== "opening") return state.value;
  // One that was opened ahead is there in the first frame.
  const session = loaded(row, me);
  return session ? readyState(session) : OPENING;
}

const readyStates = new WeakMap<ReviewSession, ReviewState>();

/** One state per session, so that nothing is drawn again for its sake. */
function readyState(session: ReviewSession): ReviewState {
  const known = readyStates.get(session) ?? { kind: "ready", session };
  readyStates.set(session, known);
  return known;
}

const NONE: ReviewState = { kind: "none" };
const OPENING: ReviewState = { kind: "opening" };

/** A part of the review. `select` must return a part of the view or a plain value, never a fresh object. */
export function useReviewPart<T>(session: ReviewSession, select: (view: ReviewView) => T): T {
  const read = useCallback(() => select(session.view()), [session, select]);
  return useSyncExternalStore(session.subscribe, read, read);
}

export function useReviewView(session: ReviewSession): ReviewView {
  return useSyncExternalStore(session.subscribe, session.view, session.view);
}

const nobody: readonly Peer[] = [];
const noPeers = () => nobody;
const never = () => () => undefined;

/** The tabs that are in a review now; nobody while there is no review. */
export function usePeers(session: ReviewSession | null): readonly Peer[] {
  return useSyncExternalStore(session?.subscribe ?? never, session?.peers ?? noPeers, noPeers);
}

/** Shows the others that this person looks at `span`, for as long as the component lives. */
export function useShowing(session: ReviewSession | null, span: string | null): void {
  useEffect(() => {
    if (!session || span === null) return;
    session.show({ span, focus: null, cursor: null });
    return () => session.show(null);
  }, [session, span]);
}
