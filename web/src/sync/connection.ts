/**
 * The one connection of a signed-in person to `/sync`: automerge's WASM, a repo without storage, one socket.
 *
 * Without storage on purpose: the server holds the truth, and chunks that it refused would come back from a
 * local store at the next load. Unsent edits live in this page, which warns before it is closed.
 */

import wasmUrl from "@automerge/automerge/automerge.wasm?url";
import { initializeWasm, type PeerId, Repo } from "@automerge/automerge-repo/slim";
import { WebSocketClientAdapter } from "@automerge/automerge-repo-network-websocket";
import { createStore, type Store } from "../lib/store.ts";

/** Reconnecting pages spread over this span, so that a restarted server is not met by all of them at once. */
const RETRY_MS = { least: 1000, most: 3000 };

export type Link = "connecting" | "open" | "closed";

export interface Connection {
  readonly user: string;
  readonly repo: Repo;
  readonly link: Store<Link>;
  /** The server's peer id once it has answered. */
  readonly server: () => PeerId | null;
  /** Resolves when the server has answered; at once if it has. */
  whenOpen(): Promise<void>;
}

let current: Promise<Connection> | null = null;
let currentUser: string | null = null;

/** The connection of `user`; another user gets a repo of their own, because actor ids are bound to people. */
export function connect(user: string): Promise<Connection> {
  if (current && currentUser === user) return current;
  const previous = current;
  currentUser = user;
  const opening = open(user, previous);
  opening.catch(() => {
    if (current === opening) current = null;
  });
  current = opening;
  return opening;
}

async function open(user: string, previous: Promise<Connection> | null): Promise<Connection> {
  await previous?.then((connection) => connection.repo.shutdown()).catch(() => undefined);
  await initializeWasm(wasmUrl);
  const url = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/sync`;
  const retry = RETRY_MS.least + Math.random() * (RETRY_MS.most - RETRY_MS.least);
  const adapter = new WebSocketClientAdapter(url, Math.round(retry));
  const link = createStore<Link>("connecting");
  let server: PeerId | null = null;
  adapter.on("peer-candidate", ({ peerId }) => {
    server = peerId;
    link.set("open");
  });
  adapter.on("peer-disconnected", () => link.set("closed"));
  const repo = new Repo({ network: [adapter] });
  return { user, repo, link, server: () => server, whenOpen: () => whenOpen(link) };
}

function whenOpen(link: Store<Link>): Promise<void> {
  if (link.get() === "open") return Promise.resolve();
  return new Promise((resolve) => {
    const stop = link.subscribe(() => {
      if (link.get() !== "open") return;
      stop();
      resolve();
    });
  });
}
