/** A follower of `GET /live`: keeps a snapshot and lays updates over it, as the protocol says. */
import WebSocket from "ws";

export class LiveClient {
  static async connect(server, key) {
    const socket = new WebSocket(`${server.socketUrl}/live`, { headers: { authorization: `Bearer ${key}` } });
    const client = new LiveClient(socket);
    await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
    socket.on("error", () => {});
    return client;
  }

  constructor(socket) {
    this.socket = socket;
    this.topics = new Map();
    this.problems = [];
    socket.on("message", (text) => this.read(JSON.parse(text)));
  }

  /** Follows the metrics of an object; the returned `{data, revision}` stays up to date. */
  metrics(objectType, objectId) {
    const id = `m${this.topics.size + 1}`;
    const board = { updates: 0 };
    this.topics.set(id, board);
    this.send({ type: "subscribe", id, topic: { kind: "metrics", object_type: objectType, object_id: objectId } });
    return board;
  }

  /** Follows a view; the returned `{rows, total, total_is}` stays up to date, the most recently arrived row first. */
  view(topic) {
    const id = `v${this.topics.size + 1}`;
    const view = { updates: 0, kind: "view" };
    this.topics.set(id, view);
    this.send({ type: "subscribe", id, topic: { kind: "view", ...topic } });
    return view;
  }

  send(message) {
    this.socket.send(JSON.stringify(message));
  }

  read(message) {
    if (message.type === "problem") this.problems.push(message);
    const topic = this.topics.get(message.id);
    if (!topic) return;
    if (topic.kind === "view") return follow(topic, message);
    if (message.type === "snapshot") Object.assign(topic, { data: message.data, revision: message.revision });
    if (message.type === "update") {
      if (message.revision !== topic.revision + 1) throw new Error(`update ${message.revision} after ${topic.revision}`);
      topic.data = merge(topic.data, message.data);
      topic.revision = message.revision;
      topic.updates += 1;
    }
  }

  close() {
    this.socket.close();
  }
}

/** Lays a view's update over its rows. An update that does not fit is an error: what was there leaves, what was not enters. */
function follow(view, { type, revision, data }) {
  if (type === "snapshot") return Object.assign(view, data, { revision });
  if (type !== "update") return;
  if (revision !== view.revision + 1) throw new Error(`update ${revision} after ${view.revision}`);
  const known = new Map(view.rows.map((row) => [row.id, row]));
  for (const id of data.left) if (!known.delete(id)) throw new Error(`${id} left without having been there`);
  for (const row of data.changed) if (!known.has(row.id)) throw new Error(`${row.id} changed without being there`);
  for (const row of data.entered) if (known.has(row.id)) throw new Error(`${row.id} entered twice`);
  for (const row of [...data.changed, ...data.entered]) known.set(row.id, row);
  view.rows = [...known.values()].sort((a, b) => b.place - a.place);
  Object.assign(view, { total: data.total, total_is: data.total_is, revision, updates: view.updates + 1 });
}

/** Maps whose keys come and go: an update sends them whole. */
const WHOLE = new Set(["options", "reviewers", "assigned"]);

/** Lays what changed over what was known; a score that has vanished is sent as null. */
function merge(known, changed, scores = false) {
  const merged = { ...known };
  for (const [key, value] of Object.entries(changed)) {
    if (value === null && scores) delete merged[key];
    else if (isMap(value) && isMap(known[key]) && !WHOLE.has(key)) merged[key] = merge(known[key], value, key === "scores" && !scores);
    else merged[key] = value;
  }
  return merged;
}

const isMap = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
