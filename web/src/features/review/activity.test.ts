import { expect, test } from "vitest";
import type { HistoryEntry } from "@/api/types.ts";
import { eventsOf } from "./activity.ts";

let serial = 0;
const entry = (
  path: string,
  to: HistoryEntry["to"],
  second: number,
  extra: Partial<HistoryEntry> = {},
): HistoryEntry => ({
  id: String(++serial),
  revision: serial,
  at: new Date(second * 1000).toISOString(),
  actor: { id: "noor", name: "Noor Khan" },
  source: "app",
  path,
  from: null,
  to,
  hash: "00",
  ...extra,
});
const naming = {
  answer: (_: string, value: unknown) => `<${value}>`,
  person: (id: string) => id.toUpperCase(),
};

test("newest first, typing in one field is one line, bookkeeping is none", () => {
  const events = eventsOf(
    [
      entry("/fields/Hint", "", 0),
      entry("/scores/noor/Tone", 0.5, 1),
      entry("/expected/value", "R", 10),
      entry("/expected/value", "Re", 11),
      entry("/expected/value", "Ref", 12),
      entry("/comments/c1/at", 5, 13),
      entry("/comments/c1", { text: "x" }, 13),
      entry("/completed/noor", "2026-01-01T00:00:00Z", 19, { hash: "c0" }),
      entry("/status", { value: "complete" }, 19, { hash: "c0" }),
      entry("/status", { value: "complete" }, 20),
      entry("/status/by", "noor", 20),
      entry("/assignees/mei", { by: "noor" }, 21),
      entry("/scores/noor/Tone", null, 30, { on_behalf_of: { id: "mei", name: "Mei" } }),
      entry("/tags/a~1b", true, 31),
    ],
    naming,
  );
  expect(events.map((event) => [event.who.id, event.text, event.changes])).toEqual([
    ["noor", "added tag a/b", 1],
    ["mei", "cleared Tone", 1],
    ["noor", "assigned MEI", 1],
    ["noor", "marked the review complete", 1],
    ["noor", "completed the review", 1],
    ["noor", "commented", 1],
    ["noor", "edited Expected", 3],
    ["noor", "set Tone to <0.5>", 1],
  ]);
});
