/**
 * A stock automerge-repo client: Repo and WebSocketClientAdapter as published. Around them only what an application
 * outside a browser does itself: a fresh ticket for every connection, and a listener for the server's notices.
 */
import * as A from "@automerge/automerge";
import { Repo } from "@automerge/automerge-repo";
import { WebSocketClientAdapter } from "@automerge/automerge-repo-network-websocket";
import { eventually, sleep } from "./wait.mjs";

export const SERVER_PEER = "concord";

/** A port where nobody listens: the adapter keeps trying there until there is a fresh ticket. */
const NOWHERE = "ws://127.0.0.1:1/";
/**
 * While a socket is still connecting the adapter starts another one at this interval and forgets the first: much longer
 * than a connection takes on a busy machine, much shorter than its default of 5 s.
 */
const RETRY_MS = 1000;

/** Remembers what goes over the wire and uses an address once: a ticket is good for one connection. Else as published. */
class WatchedAdapter extends WebSocketClientAdapter {
  sent = [];
  closes = [];

  connect(peerId, metadata) {
    super.connect(peerId, metadata);
    this.url = NOWHERE;
    this.socket.addEventListener("close", ({ code }) => this.closes.push(code));
  }

  send(message) {
    if (message.type === "sync" || message.type === "request") this.sent.push(message.data.slice());
    super.send(message);
  }
}

export class SyncClient {
  static async connect(server, person, { rollback = true } = {}) {
    const client = new SyncClient(server, person, rollback);
    client.adapter.url = await client.ticketUrl();
    const met = new Promise((resolve) => client.adapter.once("peer-candidate", resolve));
    client.repo = new Repo({ network: [client.adapter] });
    client.renew();
    await met;
    return client;
  }

  constructor(server, person, rollback) {
    this.server = server;
    this.person = person;
    this.rollback = rollback;
    this.refused = [];
    this.closings = [];
    this.replicas = new Set();
    /** Per document URL: heads that the server has told are on disk. */
    this.saved = new Map();
    this.adapter = new WatchedAdapter(NOWHERE, RETRY_MS);
    this.adapter.on("peer-disconnected", () => {
      this.online = false;
      this.adapter.url = NOWHERE;
      if (!this.held) this.renew();
    });
    this.adapter.on("peer-candidate", () => {
      this.online = true;
    });
  }

  async ticketUrl() {
    const { ticket } = await this.server.api("POST", "/api/ticket", {}, this.person.key);
    return `${this.server.socketUrl}/sync?ticket=${encodeURIComponent(ticket)}`;
  }

  /** Gives a connection that was just begun the time until the adapter's next try. */
  async connecting() {
    const { socket } = this.adapter;
    if (!socket || socket.readyState > 1) return false;
    const end = Date.now() + RETRY_MS;
    while (Date.now() < end && socket === this.adapter.socket && socket.readyState <= 1 && !this.online) await sleep(20);
    return this.online;
  }

  /** Fetches a ticket as soon as the server gives one; the adapter's next try uses it. */
  async renew() {
    if (this.renewing) return;
    this.renewing = true;
    try {
      while (!this.closed && !this.held && !this.online) {
        if (this.adapter.url !== NOWHERE) await sleep(20);
        else if (await this.connecting()) continue;
        else {
          const url = await this.ticketUrl().catch(() => undefined);
          if (url && !this.held) this.adapter.url = url;
          else await sleep(50);
        }
      }
    } finally {
      this.renewing = false;
    }
  }

  /** The network goes away, as in a tunnel: nothing is said to the server. */
  async goOffline() {
    const gone = new Promise((resolve) => this.adapter.once("peer-disconnected", resolve));
    this.held = true;
    this.adapter.socket.terminate();
    await gone;
  }

  /** No reconnect before `goOnline`, whoever closes the connection. */
  hold() {
    this.held = true;
  }

  async goOnline() {
    this.held = false;
    if (!this.online) this.renew();
    await eventually(`${this.person.name} is connected again`, () => this.online);
  }

  /** A ready handle that follows the server's notices. */
  async find(url) {
    const handle = await this.repo.find(url);
    this.saved.set(url, []);
    handle.on("ephemeral-message", ({ senderId, message }) => {
      if (senderId !== SERVER_PEER) return;
      if (message?.type === "saved") this.saved.set(url, message.heads);
      if (message?.type === "closing") this.closings.push(message.reason);
      if (message?.type === "review-rejected") {
        this.refused.push(...message.rejected);
        // Rolling back forks the document under a new replica id; the changes of the old one are still ours.
        this.replicas.add(A.getActorId(handle.doc()));
        if (this.rollback) rollBack(handle, message.rejected);
      }
    });
    return handle;
  }

  /** Waits until every change of this document is known to be on the server's disk. */
  whenSaved(handle, options) {
    return eventually(`${this.person.name}'s changes are saved`, () => this.isSaved(handle), options);
  }

  isSaved(handle) {
    const doc = handle.doc();
    const heads = this.saved.get(handle.url) ?? [];
    this.replicas.add(A.getActorId(doc));
    if (heads.length === 0 || !A.hasHeads(doc, heads)) return false;
    return !A.getChangesMetaSince(doc, heads).some((change) => this.replicas.has(change.actor));
  }

  /** Hashes that an acknowledgement covers. */
  savedHashes(handle) {
    const doc = handle.doc();
    const heads = this.saved.get(handle.url) ?? [];
    if (heads.length === 0 || !A.hasHeads(doc, heads)) return [];
    const later = new Set(A.getChangesMetaSince(doc, heads).map((change) => change.hash));
    return hashes(handle).filter((hash) => !later.has(hash));
  }

  async close() {
    this.closed = true;
    this.held = true;
    this.adapter.url = NOWHERE;
    // Closing a socket that is still connecting is an error event, and `shutdown` has removed the adapter's listener.
    this.adapter.socket?.addEventListener("error", () => {});
    await this.repo?.shutdown();
  }
}

/** Every change that a handle has. */
export const hashes = (handle) => A.getChangesMetaSince(handle.doc(), []).map((change) => change.hash);

/** Takes refused changes, and what depends on them, out of a document in place: same handle, the rest stays. */
export function rollBack(handle, rejected) {
  const bad = new Set(rejected.map((change) => change.hash));
  let dropped = 0;
  handle.update((doc) => {
    const keep = new Set();
    for (const { hash, deps } of A.getChangesMetaSince(doc, [])) {
      if (bad.has(hash) || deps.some((dep) => bad.has(dep))) {
        bad.add(hash);
        dropped += 1;
        continue;
      }
      for (const dep of deps) keep.delete(dep);
      keep.add(hash);
    }
    return dropped > 0 ? A.clone(A.view(doc, [...keep])) : doc;
  });
  return dropped;
}
