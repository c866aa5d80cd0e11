/**
 * Who is looking at a review right now. Presence lives in ephemeral messages only, never in the document.
 * Pure: time comes in, nothing is sent from here.
 */

/** A caret or a selection in a shared text, as automerge cursors, which stay true while the text changes. */
export interface SharedCursor {
  /** JSON Pointer of the text. */
  path: string;
  anchor: string;
  head: string;
}

export interface PresenceMessage {
  type: "presence";
  user: { id: string; name: string };
  tab: string;
  /** Row that the person looks at. */
  span: string;
  /** JSON Pointer of the field that has their focus. */
  focus: string | null;
  cursor: SharedCursor | null;
  at: number;
}

export interface Peer extends PresenceMessage {
  /** When we last heard of them, in our own time. */
  heard: number;
}

export const HEARTBEAT_MS = 10_000;
export const FORGET_MS = 30_000;
/** Carets are sent at most twenty times a second. */
export const CURSOR_MS = 50;
/** Tabs to remember per document; a crowd beyond that is not shown one by one. */
const MOST_PEERS = 200;

function isText(value: unknown): value is string {
  return typeof value === "string";
}

/** The presence message in `value`, or null if it is something else or malformed. */
export function readPresence(value: unknown): PresenceMessage | null {
  if (typeof value !== "object" || value === null) return null;
  const message = value as Partial<PresenceMessage>;
  if (
    message.type !== "presence" ||
    !isText(message.tab) ||
    !isText(message.user?.id) ||
    !isText(message.user?.name)
  )
    return null;
  const cursor = message.cursor;
  return {
    type: "presence",
    user: { id: message.user.id, name: message.user.name.slice(0, 80) },
    tab: message.tab,
    span: isText(message.span) ? message.span : "",
    focus: isText(message.focus) ? message.focus : null,
    cursor:
      cursor && isText(cursor.path) && isText(cursor.anchor) && isText(cursor.head)
        ? { path: cursor.path, anchor: cursor.anchor, head: cursor.head }
        : null,
    at: Number(message.at) || 0,
  };
}

/** The people of one document, by tab. The list keeps its identity until somebody comes, goes or moves. */
export class Roster {
  #peers = new Map<string, Peer>();
  #list: readonly Peer[] = [];

  get list(): readonly Peer[] {
    return this.#list;
  }

  /** Takes a message in; answers whether this tab was unknown before. */
  hear(message: PresenceMessage, now: number): "new" | "known" {
    const before = this.#peers.get(message.tab);
    if (!before && this.#peers.size >= MOST_PEERS) return "known";
    this.#peers.set(message.tab, { ...message, heard: now });
    this.#refresh();
    return before ? "known" : "new";
  }

  leave(tab: string): void {
    if (this.#peers.delete(tab)) this.#refresh();
  }

  /** Forgets who has been silent too long. */
  expire(now: number): void {
    for (const [tab, peer] of this.#peers) if (now - peer.heard > FORGET_MS) this.#peers.delete(tab);
    if (this.#peers.size !== this.#list.length) this.#refresh();
  }

  clear(): void {
    this.#peers.clear();
    this.#refresh();
  }

  #refresh(): void {
    this.#list = [...this.#peers.values()].sort((a, b) => (a.tab < b.tab ? -1 : 1));
  }
}

/** One entry per person, whoever was heard last speaking for them. */
export function people(peers: readonly Peer[], me: string): Peer[] {
  const latest = new Map<string, Peer>();
  for (const peer of peers) {
    if (peer.user.id === me) continue;
    const other = latest.get(peer.user.id);
    if (!other || other.at < peer.at) latest.set(peer.user.id, peer);
  }
  return [...latest.values()].sort((a, b) => a.user.name.localeCompare(b.user.name));
}
