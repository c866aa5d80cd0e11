/**
 * Every review that this page holds: opened once, shared by whoever shows it, kept a little after it was closed,
 * never let go while it has changes that are not on the server's disk. Reports how safe all of it is, in one state.
 */
import type { AutomergeUrl, DocHandle } from "@automerge/automerge-repo/slim";
import { get, post, reportSignedOut } from "../api/client.ts";
import { ApiError } from "../api/problem.ts";
import type { ObjectType, OpenedReview } from "../api/types.ts";
import { type SyncState, setSyncState } from "../lib/sync-state.ts";
import { type Connection, connect } from "./connection.ts";
import type { ReviewDoc } from "./document.ts";
import { type Notice, type Person, ReviewSession } from "./session.ts";

export interface RowRef {
  object_type: ObjectType;
  object_id: string;
  row_id: string;
}

interface Entry {
  users: number;
  opening: Promise<ReviewSession>;
  session: ReviewSession | null;
}

/** Closed reviews that stay loaded, so that going back is instant; WASM memory never shrinks, so not more. */
const KEEP_CLOSED = 4;
/** A socket that stays silent about changes this long is asked over HTTP. */
const ASK_AGAIN_MS = 3000;
/** A link that is down for longer than this is called offline. */
const OFFLINE_AFTER_MS = 5000;
const REFUSED_SHOWN_MS = 8000;

const entries = new Map<string, Entry>();
const noticeListeners = new Set<(notice: Notice) => void>();
let connection: Connection | null = null;
let lostAt: number | null = null;
let refusal: { reason: string; at: number } | null = null;
let waitingBefore = 0;
let asking: ReturnType<typeof setInterval> | null = null;

/** Refusals and server notices of any open review. */
export function onNotice(listener: (notice: Notice) => void): () => void {
  noticeListeners.add(listener);
  return () => noticeListeners.delete(listener);
}

/** The review of a row. Give it back with `release`. */
export function acquire(row: RowRef, me: Person, mayWrite: boolean): Promise<ReviewSession> {
  const key = keyOf(row, me);
  let entry = entries.get(key);
  if (!entry) {
    const opening = open(row, me, mayWrite);
    const made: Entry = { users: 0, opening, session: null };
    opening.then(
      (session) => {
        made.session = session;
        report();
      },
      () => entries.delete(key),
    );
    entry = made;
  }
  // Moved to the end: the map is in order of last use.
  entries.delete(key);
  entries.set(key, entry);
  entry.users++;
  return entry.opening;
}

/** Says that nobody shows the review any more. */
export function release(row: RowRef, me: Person): void {
  const entry = entries.get(keyOf(row, me));
  if (!entry) return;
  entry.users--;
  if (entry.users <= 0) entry.session?.show(null);
  letGo();
  report();
}

/** The review of a row if it is loaded already. */
export function loaded(row: RowRef, me: Person): ReviewSession | null {
  return entries.get(keyOf(row, me))?.session ?? null;
}

function keyOf(row: RowRef, me: Person): string {
  return JSON.stringify([me.id, row.object_type, row.object_id, row.row_id]);
}

async function open(row: RowRef, me: Person, mayWrite: boolean): Promise<ReviewSession> {
  const [opened, link] = await Promise.all([post<OpenedReview>("/api/review/open", row), connect(me.id)]);
  watch(link);
  await link.whenOpen();
  const handle = await find(link, opened.url as AutomergeUrl);
  const session = new ReviewSession({
    handle,
    documentId: opened.document_id,
    me,
    reviewer: opened.reviewer,
    mayWrite,
    server: link.server,
  });
  session.subscribe(report);
  session.onNotice((notice) => {
    if (notice.kind === "refused")
      refusal = { reason: notice.refused[0]?.reason ?? "refused", at: Date.now() };
    report();
    for (const listener of noticeListeners) listener(notice);
  });
  return session;
}

/** Finds a document that the server has just promised; a first answer lost in a reconnect is asked for again. */
async function find(link: Connection, url: AutomergeUrl): Promise<DocHandle<ReviewDoc>> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await link.repo.find<ReviewDoc>(url, { signal: AbortSignal.timeout(15_000) });
    } catch (error) {
      if (attempt >= 3) throw new Error("The review did not arrive from the server", { cause: error });
      await new Promise((resolve) => setTimeout(resolve, 300 * attempt));
      await link.whenOpen();
    }
  }
}

function watch(link: Connection): void {
  if (connection === link) return;
  connection = link;
  link.link.subscribe(() => {
    lostAt = link.link.get() === "open" ? null : (lostAt ?? Date.now());
    if (link.link.get() === "open") for (const { session } of entries.values()) session?.showAgain();
    else {
      setTimeout(report, OFFLINE_AFTER_MS + 50);
      setTimeout(() => void checkSession(link), OFFLINE_AFTER_MS);
    }
    report();
  });
  window.addEventListener("online", report);
  window.addEventListener("offline", report);
  window.addEventListener("beforeunload", (event) => {
    if (pending() > 0) event.preventDefault();
  });
  window.addEventListener("pagehide", () => {
    for (const { session } of entries.values()) session?.show(null);
  });
}

/** A socket cannot say that the sign-in has ended; HTTP can. */
async function checkSession(link: Connection): Promise<void> {
  if (link.link.get() === "open" || !navigator.onLine) return;
  try {
    await get("/api/session");
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) reportSignedOut();
  }
}

function pending(): number {
  let sum = 0;
  for (const { session } of entries.values()) sum += session?.unsaved ?? 0;
  return sum;
}

/** Drops the oldest closed reviews beyond a few; unsaved ones stay until they are safe. */
function letGo(): void {
  const closed = [...entries].filter(
    ([, entry]) => entry.users <= 0 && entry.session && entry.session.unsaved === 0,
  );
  for (const [key, entry] of closed.slice(0, Math.max(0, closed.length - KEEP_CLOSED))) {
    entries.delete(key);
    if (!entry.session) continue;
    entry.session.close();
    connection?.repo.removeFromCache(entry.session.handle.documentId).catch(() => undefined);
  }
}

function report(): void {
  const waiting = pending();
  // Something was stored after the refusal: saving works again.
  if (waiting === 0 && waitingBefore > 0) refusal = null;
  waitingBefore = waiting;
  keepAsking(waiting > 0);
  setSyncState(stateNow(waiting, Date.now()));
}

function stateNow(waiting: number, now: number): SyncState | null {
  const open = [...entries.values()].some((entry) => entry.users > 0);
  if (!connection || (!open && waiting === 0)) return null;
  if (!navigator.onLine) return { kind: "offline", pending: waiting };
  if (connection.link.get() === "closed") {
    const long = lostAt !== null && now - lostAt > OFFLINE_AFTER_MS;
    return { kind: long ? "offline" : "reconnecting", pending: waiting };
  }
  if (refusal && now - refusal.at < REFUSED_SHOWN_MS) {
    return { kind: "refused", pending: waiting, reason: refusal.reason };
  }
  return waiting > 0 ? { kind: "saving", pending: waiting } : { kind: "synced", pending: 0 };
}

/** A "saved" notice can be lost with its socket: what stays open is asked for over HTTP. */
function keepAsking(on: boolean): void {
  if (on === (asking !== null)) return;
  if (asking) clearInterval(asking);
  asking = on ? setInterval(askStored, ASK_AGAIN_MS) : null;
}

async function askStored(): Promise<void> {
  if (connection?.link.get() !== "open") return;
  for (const { session } of entries.values()) {
    if (!session || session.unsaved === 0) continue;
    try {
      const { heads } = await get<{ heads: string[] }>(`/api/review/${session.documentId}`);
      session.stored(heads);
    } catch {
      // The next round asks again; the state goes on saying that changes wait.
    }
  }
  letGo();
}
