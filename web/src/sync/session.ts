/**
 * One open review: its document, what is read from it, the edits of this person, and who else is here.
 * Knows automerge and the notices of the server, but neither React nor the page.
 */
import * as A from "@automerge/automerge/slim";
import type {
  DocHandle,
  DocHandleChangePayload,
  DocHandleEphemeralMessagePayload,
} from "@automerge/automerge-repo/slim";
import { pointer, type ReviewDoc } from "./document.ts";
import { type Draft, EditRefused } from "./edit.ts";
import {
  CURSOR_MS,
  HEARTBEAT_MS,
  type PresenceMessage,
  Roster,
  readPresence,
  type SharedCursor,
} from "./presence.ts";
import { type Refused, readRefusals, rollBack } from "./refusal.ts";
import { Unsaved } from "./unsaved.ts";
import { ReviewReader, type ReviewView } from "./view.ts";

export interface Person {
  id: string;
  name: string;
}

/** What this person shows to the others. */
export interface Showing {
  span: string;
  focus: string | null;
  cursor: SharedCursor | null;
}

/** Things a page must tell its reader. */
export type Notice =
  | { kind: "refused"; refused: Refused[]; lost: string[] }
  | { kind: "closing"; reason: string };

export interface SessionOptions {
  handle: DocHandle<ReviewDoc>;
  /** The review's id in the HTTP API. */
  documentId: string;
  me: Person;
  /** Key of this person under `/scores`. */
  reviewer: string;
  /** False for viewers: they read and are seen. */
  mayWrite: boolean;
  /** Peer id of the server: only its notices count. */
  server: () => string | null;
}

/** Names this page in presence; a person may have several. */
const TAB = crypto.randomUUID();

export class ReviewSession {
  readonly handle: DocHandle<ReviewDoc>;
  readonly documentId: string;
  readonly me: Person;
  readonly reviewer: string;
  readonly mayWrite: boolean;
  readonly roster = new Roster();
  readonly #server: () => string | null;
  readonly #reader = new ReviewReader();
  readonly #unsaved: Unsaved;
  readonly #listeners = new Set<() => void>();
  readonly #remoteListeners = new Set<(pointers: ReadonlySet<string>) => void>();
  readonly #noticeListeners = new Set<(notice: Notice) => void>();
  #view: ReviewView;
  #ownActors = new Set<string>();
  #editing = false;
  #showing: Showing | null = null;
  #sent = 0;
  #sendTimer: ReturnType<typeof setTimeout> | null = null;
  #heartbeat: ReturnType<typeof setInterval> | null = null;

  constructor(options: SessionOptions) {
    this.handle = options.handle;
    this.documentId = options.documentId;
    this.me = options.me;
    this.reviewer = options.reviewer;
    this.mayWrite = options.mayWrite;
    this.#server = options.server;
    this.#unsaved = new Unsaved(this.handle.doc());
    this.#view = this.#reader.read(this.handle.doc());
    this.handle.on("change", this.#onChange);
    this.handle.on("ephemeral-message", this.#onMessage);
  }

  get unsaved(): number {
    return this.#unsaved.count;
  }

  /** True once the server has made this person's place, without which no score can be given. */
  get ready(): boolean {
    return this.mayWrite && this.#view.scores[this.reviewer] !== undefined;
  }

  view = (): ReviewView => this.#view;
  peers = () => this.roster.list;

  /** Called after every change of the document, of the unsaved count or of who is here. */
  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Called with the JSON Pointers of what somebody else has just changed. */
  onRemote(listener: (pointers: ReadonlySet<string>) => void): () => void {
    this.#remoteListeners.add(listener);
    return () => this.#remoteListeners.delete(listener);
  }

  onNotice(listener: (notice: Notice) => void): () => void {
    this.#noticeListeners.add(listener);
    return () => this.#noticeListeners.delete(listener);
  }

  /** Makes one change. Throws `EditRefused` when it cannot be made; the document is then as before. */
  edit(change: (draft: Draft) => void): void {
    if (!this.mayWrite)
      throw new EditRefused(
        "You can read this review, but not change it: ask an owner for the role of reviewer",
      );
    const before = A.getHeads(this.handle.doc()).join();
    this.#editing = true;
    try {
      this.handle.change((draft) => change(draft as Draft));
    } finally {
      this.#editing = false;
    }
    const doc = this.handle.doc();
    if (A.getHeads(doc).join() === before) return;
    this.#ownActors.add(A.getActorId(doc));
    this.#unsaved.made(doc);
    this.#refresh();
  }

  /** True when this page wrote the change of that actor. */
  isOwnActor(actor: string): boolean {
    return this.#ownActors.has(actor) || A.getActorId(this.handle.doc()) === actor;
  }

  /** The server has these heads on disk, whoever told us. */
  stored(heads: readonly string[]): void {
    this.#unsaved.stored(this.handle.doc(), heads);
    this.#notify();
  }

  /** Shows the others where this person is; null says goodbye. */
  show(next: Showing | null): void {
    const before = this.#showing;
    if (before && next && JSON.stringify(before) === JSON.stringify(next)) return;
    this.#showing = next;
    if (next === null) {
      if (before) this.handle.broadcast({ type: "goodbye", tab: TAB });
      if (this.#heartbeat) clearInterval(this.#heartbeat);
      this.#heartbeat = null;
      return;
    }
    this.#heartbeat ??= setInterval(() => {
      this.roster.expire(Date.now());
      this.#send();
      this.#notify();
    }, HEARTBEAT_MS);
    this.#sendSoon(CURSOR_MS);
  }

  /** Changes part of what the others see, while anything is shown. */
  move(part: Partial<Showing>): void {
    if (this.#showing) this.show({ ...this.#showing, ...part });
  }

  /** Says again where this person is, for a server or peers that have lost sight of them. */
  showAgain(): void {
    this.#sendSoon(CURSOR_MS);
  }

  close(): void {
    this.show(null);
    if (this.#sendTimer) clearTimeout(this.#sendTimer);
    this.handle.off("change", this.#onChange);
    this.handle.off("ephemeral-message", this.#onMessage);
    this.roster.clear();
  }

  #sendSoon(wait: number): void {
    if (this.#sendTimer) return;
    this.#sendTimer = setTimeout(
      () => {
        this.#sendTimer = null;
        this.#send();
      },
      Math.max(0, this.#sent + wait - Date.now()),
    );
  }

  #send(): void {
    if (!this.#showing) return;
    this.#sent = Date.now();
    const message: PresenceMessage = {
      type: "presence",
      user: this.me,
      tab: TAB,
      ...this.#showing,
      at: this.#sent,
    };
    this.handle.broadcast(message);
  }

  #onChange = ({ patches, doc }: DocHandleChangePayload<ReviewDoc>) => {
    if (this.#editing) return;
    this.#unsaved.stored(doc, []);
    this.#refresh();
    if (this.#remoteListeners.size === 0) return;
    const pointers = new Set(patches.slice(0, 200).map(patchPointer));
    for (const listener of this.#remoteListeners) listener(pointers);
  };

  #onMessage = ({ senderId, message }: DocHandleEphemeralMessagePayload<ReviewDoc>) => {
    if (senderId === this.#server()) {
      this.#onServerNotice(message);
      return;
    }
    const presence = readPresence(message);
    if (presence) {
      // Somebody new does not know us yet: answer at once, but not all in the same instant.
      if (this.roster.hear(presence, Date.now()) === "new") this.#sendSoon(Math.random() * 200);
      this.#notify();
    } else if (isMessage(message, "goodbye")) {
      this.roster.leave(String(message.tab));
      this.#notify();
    }
  };

  #onServerNotice(message: unknown): void {
    const refused = readRefusals(message);
    if (refused) this.#onRefused(refused);
    else if (isMessage(message, "saved") && Array.isArray(message.heads))
      this.stored(message.heads.map(String));
    else if (isMessage(message, "closing"))
      this.#tell({ kind: "closing", reason: String(message.reason ?? "") });
  }

  #onRefused(refused: Refused[]): void {
    const back = rollBack(
      this.handle.doc(),
      refused.map((item) => item.hash),
    );
    if (!back) return;
    this.handle.update(() => back.doc);
    this.#unsaved.dropped(back.dropped);
    this.#refresh();
    // A notice repeats everything that was refused on this connection: only what has gone now is news.
    const news = refused.filter((item) => back.dropped.has(item.hash));
    this.#tell({ kind: "refused", refused: causesFirst(news), lost: back.lost });
  }

  #tell(notice: Notice): void {
    for (const listener of this.#noticeListeners) listener(notice);
  }

  #refresh(): void {
    this.#view = this.#reader.read(this.handle.doc());
    this.#notify();
  }

  #notify(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

/** What was wrong itself before what only builds on it. */
function causesFirst(refused: Refused[]): Refused[] {
  const follows = (item: Refused) => Number(item.code === "depends-on-refused");
  return [...refused].sort((a, b) => follows(a) - follows(b));
}

function isMessage<T extends string>(
  message: unknown,
  type: T,
): message is { type: T; [key: string]: unknown } {
  return typeof message === "object" && message !== null && (message as { type?: unknown }).type === type;
}

/** What a patch is about: the leaf, or the text that was edited. */
function patchPointer(patch: A.Patch): string {
  const path =
    patch.action === "splice" || (patch.action === "del" && patch.length !== undefined)
      ? patch.path.slice(0, -1)
      : patch.path;
  const last = path[path.length - 1];
  return pointer(typeof last === "number" ? path.slice(0, -1) : path);
}
