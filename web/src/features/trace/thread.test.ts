import { expect, it } from "vitest";
import type { Json, SpanEvent, SpanLine } from "@/api/types.ts";
import { speakers, threadOf } from "./thread.ts";

const span = (id: string, kind: string, is_root = false) => ({ id, span_id: id, kind, is_root }) as SpanLine;
const event = (input: Json, output: Json) => ({ input, output }) as SpanEvent;
const user = { role: "user", content: "Where is it?" };
const call = {
  role: "assistant",
  content: "",
  tool_calls: [{ id: "1", function: { name: "track", arguments: "{}" } }],
};
const result = { role: "tool", tool_call_id: "1", content: "on its way" };
const order = [span("root", "task", true), span("one", "llm"), span("track", "tool"), span("two", "llm")];

it("says every turn once, with what other spans did between them", () => {
  const events = new Map([
    ["one", event([user], call)],
    ["two", event([user, call, result], { role: "assistant", content: "On its way." })],
  ]);
  const turns = threadOf(order, events);
  expect(turns.map((turn) => (turn.kind === "message" ? turn.message.role : turn.kind))).toEqual([
    "user",
    "assistant",
    "note",
    "assistant",
  ]);
  const [, asked] = turns;
  expect(asked?.kind === "message" && asked.message.calls[0]?.result).toBe("on its way");
});

it("shows values as they are where nobody speaks in messages", () => {
  const only = [span("root", "task", true), span("step", "function")];
  expect(speakers(only).map((one) => one.id)).toEqual(["root"]);
  const turns = threadOf(only, new Map([["root", event({ q: 1 }, "done")]]));
  expect(turns.map((turn) => turn.kind)).toEqual(["value", "value", "note"]);
});
