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

  send(message) {
    this.socket.send(JSON.stringify(message));
  }

  read(message) {
    if (message.type === "problem") this.problems.push(message);
    const topic = this.topics.get(message.id);
    if (!topic) return;
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
