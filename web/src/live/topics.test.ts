import { expect, it } from "vitest";
import { applyTo, type Holds } from "./topics.ts";

const hold = (row_id: string, until: string): Holds["holds"][number] => ({
  object_type: "project_logs",
  object_id: "p",
  row_id,
  holder: { id: "noor", name: "Noor", until },
});

it("replaces holds that are set, and takes out those that are gone", () => {
  const before: Holds = { holds: [hold("a", "1"), hold("b", "1")] };
  const { holder: _, ...gone } = hold("a", "1");
  const after = applyTo("holds", before, { set: [hold("b", "2"), hold("c", "1")], gone: [gone] });
  expect(after).toEqual({ holds: [hold("b", "2"), hold("c", "1")] });
});

it("keeps what an update does not name", () => {
  expect(applyTo("inbox", { unread: 1, newest: null }, { unread: 0 })).toEqual({ unread: 0, newest: null });
});
