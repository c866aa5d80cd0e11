import { describe, expect, it } from "vitest";
import { LiveConnection, type LiveStatus, type Socket } from "./connection.ts";

const topic = { kind: "metrics", object_type: "project_logs", object_id: "p1" } as const;
const figures = {
  rows: 1,
  scores: {},
  review: { awaiting: 0, in_progress: 0, complete: 0, assigned: {} },
  comments: 0,
  expected: 0,
};

class FakeSocket implements Socket {
  sent: unknown[] = [];
  closed = false;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  send(text: string) {
    this.sent.push(JSON.parse(text));
  }
  close() {
    this.closed = true;
  }
  say(message: unknown) {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
}

function world() {
  const sockets: FakeSocket[] = [];
  const timers: { run: () => void; ms: number }[] = [];
  const statuses: LiveStatus[] = [];
  let checks = 0;
  const connection = new LiveConnection({
    connect: () => {
      const socket = new FakeSocket();
      sockets.push(socket);
      return socket;
    },
    random: () => 0.5,
    later: (run, ms) => {
      const timer = { run, ms };
      timers.push(timer);
      return () => void timers.splice(timers.indexOf(timer), 1);
    },
    onStatus: (status) => statuses.push(status),
    checkSession: () => {
      checks += 1;
    },
  });
  const last = () => sockets[sockets.length - 1] as FakeSocket;
  const fire = () => timers.shift()?.run();
  return { connection, sockets, timers, statuses, last, fire, checks: () => checks };
}

describe("the live connection", () => {
  it("subscribes once for many listeners and unsubscribes with the last", () => {
    const { connection, last } = world();
    const stopA = connection.subscribe(topic, () => {});
    const stopB = connection.subscribe(topic, () => {});
    last().onopen?.();
    expect(last().sent).toEqual([{ type: "subscribe", id: "m1", topic }]);
    stopA();
    expect(last().sent).toHaveLength(1);
    stopB();
    expect(last().sent).toContainEqual({ type: "unsubscribe", id: "m1" });
    expect(last().closed).toBe(true);
  });

  it("takes a snapshot, then newer updates only", () => {
    const { connection, last } = world();
    let calls = 0;
    connection.subscribe(topic, () => {
      calls += 1;
    });
    last().onopen?.();
    last().say({ type: "snapshot", id: "m1", revision: 4, data: figures });
    last().say({ type: "update", id: "m1", revision: 4, data: { rows: 99 } });
    expect(connection.value(topic)?.data?.rows).toBe(1);
    last().say({ type: "update", id: "m1", revision: 5, data: { rows: 2 } });
    expect(connection.value(topic)).toEqual({ data: { ...figures, rows: 2 }, stale: false });
    expect(calls).toBe(2);
  });

  it("asks again after a break, waits longer each time, and marks what it has as stale", () => {
    const { connection, sockets, timers, last, fire, statuses } = world();
    connection.subscribe(topic, () => {});
    last().onopen?.();
    last().say({ type: "snapshot", id: "m1", revision: 1, data: figures });
    last().onclose?.({ code: 1012 });
    expect(connection.value(topic)).toEqual({ data: figures, stale: true });
    expect(timers[0]?.ms).toBe(1000);
    fire();
    last().onclose?.({ code: 1006 });
    expect(timers[0]?.ms).toBe(2000);
    fire();
    last().onopen?.();
    expect(sockets).toHaveLength(3);
    expect(last().sent).toEqual([{ type: "subscribe", id: "m1", topic }]);
    expect(statuses.at(-1)).toBe("open");
  });

  it("asks whether the session is over when a connection never opened", () => {
    const { connection, last, checks } = world();
    connection.subscribe(topic, () => {});
    last().onclose?.({ code: 1006 });
    expect(checks()).toBe(1);
  });

  it("pauses and comes back at once", () => {
    const { connection, sockets, last, timers } = world();
    connection.subscribe(topic, () => {});
    last().onopen?.();
    connection.pause();
    expect(last().closed).toBe(true);
    expect(timers).toHaveLength(0);
    connection.resume();
    expect(sockets).toHaveLength(2);
  });

  it("survives nonsense", () => {
    const { connection, last } = world();
    connection.subscribe(topic, () => {});
    last().onopen?.();
    last().onmessage?.({ data: "{" });
    last().say({ type: "snapshot", id: "other", revision: 1, data: figures });
    last().say({ type: "problem", problem: { title: "no" } });
    expect(connection.value(topic)?.data).toBeNull();
  });
});
