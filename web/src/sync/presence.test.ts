import { expect, test } from "vitest";
import { FORGET_MS, people, Roster, readPresence } from "./presence.ts";

const message = (tab: string, user: string, at = 1) => ({
  type: "presence" as const,
  user: { id: user, name: user.toUpperCase() },
  tab,
  span: "s1",
  focus: null,
  cursor: null,
  at,
});

test("people come, move and are forgotten after silence", () => {
  const roster = new Roster();
  expect(roster.hear(message("t1", "noor"), 0)).toBe("new");
  expect(roster.hear({ ...message("t1", "noor"), focus: "/expected" }, 1000)).toBe("known");
  roster.hear(message("t2", "mei"), 1000);
  const list = roster.list;
  roster.expire(FORGET_MS + 500);
  expect(roster.list).toBe(list);
  roster.leave("t2");
  expect(roster.list.map((peer) => peer.user.id)).toEqual(["noor"]);
  roster.expire(FORGET_MS + 1001);
  expect(roster.list).toEqual([]);
});

test("one entry per person, the latest tab speaking, and never oneself", () => {
  const roster = new Roster();
  roster.hear(message("t1", "noor", 1), 0);
  roster.hear({ ...message("t2", "noor", 5), span: "s2" }, 0);
  roster.hear(message("t3", "me", 9), 0);
  expect(people(roster.list, "me").map((peer) => [peer.user.id, peer.span])).toEqual([["noor", "s2"]]);
});

test("malformed presence is nobody", () => {
  for (const value of [
    null,
    5,
    {},
    { type: "presence" },
    { ...message("t", "u"), user: { id: 5, name: "x" } },
  ]) {
    expect(readPresence(value)).toBeNull();
  }
  expect(readPresence({ ...message("t", "u"), cursor: { path: "/x" } })?.cursor).toBeNull();
});
