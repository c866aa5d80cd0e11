/**
 * One WebSocket to `/live`, shared by everything on screen. Topics are subscribed while somebody listens;
 * after a break every topic is asked for again and answers with a fresh snapshot. Knows nothing of React.
 */
import { applyTo, type ValueOf, type ValueTopic } from "./topics.ts";

/** The rows of an object that a filter holds for, as they come, change and go. */
export interface ViewTopic {
  kind: "view";
  object_type: string;
  object_id: string;
  filter: string;
  /** Rows that are followed one by one; the total counts all. */
  limit: number;
}

/** A row in a view: the first fields of what a list shows. */
export interface ViewRow {
  id: string;
  root_span_id: string;
}

/** The first says what is there, the others what has changed since; after a break there is a first one again. */
export type ViewMessage =
  | { type: "snapshot"; rows: ViewRow[]; total: number }
  | { type: "update"; entered: ViewRow[]; changed: ViewRow[]; left: string[]; total: number }
  | { type: "problem"; detail: string };

/** What a listener sees: the value, or none yet. */
export interface LiveValue<T = unknown> {
  data: T | null;
  /** True while it may be behind. */
  stale: boolean;
}

export type LiveStatus = "idle" | "connecting" | "open" | "waiting";

/** The part of `WebSocket` used here; tests give their own. */
export interface Socket {
  send(text: string): void;
  close(): void;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
}

interface Environment {
  connect(): Socket;
  /** Number in 0..1. */
  random(): number;
  later(run: () => void, ms: number): () => void;
  /** Told of every change of the connection. */
  onStatus(status: LiveStatus): void;
  /** Asked after a connection that never opened: is the session over? */
  checkSession(): void;
}

interface Subscription {
  id: string;
  topic: ValueTopic | ViewTopic;
  /** Told of each message of a view, in order and none left out. */
  follower: ((message: ViewMessage) => void) | null;
  listeners: Set<() => void>;
  value: LiveValue;
  revision: number;
}

/** First wait after a break; doubles up to the longest. A random part keeps a thousand tabs from returning at once. */
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 15_000;

export class LiveConnection {
  private readonly environment: Environment;
  private readonly subscriptions = new Map<string, Subscription>();
  private socket: Socket | null = null;
  private opened = false;
  private failures = 0;
  private serial = 0;
  private paused = false;
  private cancelRetry: (() => void) | null = null;

  constructor(environment: Environment) {
    this.environment = environment;
  }

  /** Listens to a topic; returns the function that stops. */
  subscribe(topic: ValueTopic, listener: () => void): () => void {
    const key = JSON.stringify(topic);
    let subscription = this.subscriptions.get(key);
    if (!subscription) {
      this.serial += 1;
      subscription = {
        id: `m${this.serial}`,
        topic,
        follower: null,
        listeners: new Set(),
        value: { data: null, stale: true },
        revision: -1,
      };
      this.subscriptions.set(key, subscription);
      if (this.opened) this.ask(subscription);
      else this.open();
    }
    subscription.listeners.add(listener);
    const held = subscription;
    return () => {
      held.listeners.delete(listener);
      if (held.listeners.size > 0) return;
      this.subscriptions.delete(key);
      if (this.opened) this.socket?.send(JSON.stringify({ type: "unsubscribe", id: held.id }));
      if (this.subscriptions.size === 0) this.close();
    };
  }

  /** Follows the rows of a view; returns the function that stops. */
  follow(topic: ViewTopic, follower: (message: ViewMessage) => void): () => void {
    this.serial += 1;
    const id = `v${this.serial}`;
    const value = { data: null, stale: true };
    const subscription: Subscription = { id, topic, follower, listeners: new Set(), value, revision: -1 };
    this.subscriptions.set(id, subscription);
    if (this.opened) this.ask(subscription);
    else this.open();
    return () => {
      if (!this.subscriptions.delete(id)) return;
      if (this.opened) this.socket?.send(JSON.stringify({ type: "unsubscribe", id }));
      if (this.subscriptions.size === 0) this.close();
    };
  }

  /** The present value of a topic; keeps its identity between changes. */
  value<K extends ValueTopic["kind"]>(
    topic: Extract<ValueTopic, { kind: K }>,
  ): LiveValue<ValueOf[K]> | undefined {
    return this.subscriptions.get(JSON.stringify(topic))?.value as LiveValue<ValueOf[K]> | undefined;
  }

  /** True while somebody listens to anything. */
  get watched(): boolean {
    return this.subscriptions.size > 0;
  }

  /** Closes the socket until `resume`; for tabs that nobody looks at. */
  pause(): void {
    this.paused = true;
    this.close();
  }

  /** Connects now, without waiting for the next try. */
  resume(): void {
    this.paused = false;
    this.failures = 0;
    this.cancelRetry?.();
    this.cancelRetry = null;
    this.open();
  }

  private open(): void {
    if (this.paused || this.socket || this.cancelRetry || this.subscriptions.size === 0) return;
    this.environment.onStatus("connecting");
    const socket = this.environment.connect();
    this.socket = socket;
    socket.onopen = () => {
      if (this.socket !== socket) return;
      this.opened = true;
      this.failures = 0;
      this.environment.onStatus("open");
      for (const subscription of this.subscriptions.values()) this.ask(subscription);
    };
    socket.onmessage = (event) => {
      if (this.socket === socket && typeof event.data === "string") this.receive(event.data);
    };
    socket.onclose = () => {
      if (this.socket !== socket) return;
      const neverOpened = !this.opened;
      this.socket = null;
      this.opened = false;
      this.markStale();
      // The handshake's status is hidden from scripts: a lost session looks like any other failure.
      if (neverOpened) this.environment.checkSession();
      this.retry();
    };
  }

  private retry(): void {
    if (this.paused || this.subscriptions.size === 0) return;
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.failures);
    this.failures += 1;
    this.environment.onStatus("waiting");
    this.cancelRetry = this.environment.later(
      () => {
        this.cancelRetry = null;
        this.open();
      },
      wait * (0.5 + this.environment.random()),
    );
  }

  private close(): void {
    this.cancelRetry?.();
    this.cancelRetry = null;
    const socket = this.socket;
    this.socket = null;
    this.opened = false;
    socket?.close();
    this.markStale();
    this.environment.onStatus("idle");
  }

  private ask(subscription: Subscription): void {
    this.socket?.send(JSON.stringify({ type: "subscribe", id: subscription.id, topic: subscription.topic }));
  }

  private markStale(): void {
    for (const subscription of this.subscriptions.values()) {
      if (subscription.value.stale) continue;
      this.publish(subscription, { data: subscription.value.data, stale: true });
    }
  }

  private publish(subscription: Subscription, value: LiveValue): void {
    subscription.value = value;
    for (const listener of [...subscription.listeners]) listener();
  }

  private receive(text: string): void {
    let message: {
      type?: string;
      id?: string;
      revision?: number;
      data?: unknown;
      problem?: { detail?: string; title?: string };
    };
    try {
      message = JSON.parse(text) as typeof message;
    } catch {
      return; // Not ours to repair: the next snapshot sets things right.
    }
    const subscription = [...this.subscriptions.values()].find((one) => one.id === message.id);
    if (!subscription) return;
    if (subscription.follower) {
      this.pass(subscription, subscription.follower, message);
      return;
    }
    const { kind } = subscription.topic;
    if (typeof message.revision !== "number" || kind === "view") return;
    if (message.type === "snapshot") {
      subscription.revision = message.revision;
      this.publish(subscription, { data: message.data, stale: false });
    } else if (message.type === "update" && subscription.value.data) {
      // An update older than the snapshot is already in it.
      if (message.revision <= subscription.revision) return;
      subscription.revision = message.revision;
      this.publish(subscription, {
        data: applyTo(kind, subscription.value.data, message.data),
        stale: false,
      });
    }
  }

  private pass(
    subscription: Subscription,
    follower: (message: ViewMessage) => void,
    message: {
      type?: string;
      revision?: number;
      data?: unknown;
      problem?: { detail?: string; title?: string };
    },
  ): void {
    if (message.type === "problem") {
      follower({ type: "problem", detail: message.problem?.detail ?? message.problem?.title ?? "" });
      return;
    }
    if (typeof message.revision !== "number") return;
    if (message.type === "update" && message.revision <= subscription.revision) return;
    subscription.revision = message.revision;
    const data = message.data as {
      rows?: ViewRow[];
      entered?: ViewRow[];
      changed?: ViewRow[];
      left?: string[];
      total?: number;
    };
    const { rows = [], entered = [], changed = [], left = [], total = 0 } = data;
    if (message.type === "snapshot") follower({ type: "snapshot", rows, total });
    else if (message.type === "update") follower({ type: "update", entered, changed, left, total });
  }
}
